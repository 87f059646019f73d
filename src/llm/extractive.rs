use crate::domain::generation::{GeneratorEvent, Prompt};
pub fn events(_p: &Prompt) -> Vec<GeneratorEvent> {
    vec![]
}
