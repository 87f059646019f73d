//! Names that are one of a kind in a file made of several modules.

/// The name that a module's own top-level name gets; sources have no `$` in names.
pub fn whole(name: &str, module: &str) -> String {
    let module: String = module
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("{name}${module}")
}
