//! Feeds of products: what shops' programs export for marketplaces and for each other. Each becomes entries of the plain JSON.

pub mod commerceml;
pub mod commerceml_catalog;
pub mod commerceml_offers;
#[cfg(test)]
mod commerceml_tests;
pub mod google_merchant;
pub mod product;
pub mod yml;
