//! The page is embedded when the crate is compiled: a page that was built anew must compile it again.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
