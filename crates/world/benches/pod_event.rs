//! What does one Pod event cost, from the JSON of the watch to the marked workload?
fn main() {
    divan::main();
}
