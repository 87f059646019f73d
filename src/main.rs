//! The `palompy` program: arguments become a command, an error becomes an exit code.

fn main() {}
