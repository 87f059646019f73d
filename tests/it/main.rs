//! Everything that needs a database, a socket or a file, in one binary.

mod embed;
