//! Row a only: the signature of a small GET against aws-sigv4.

mod cases;

use benches::{Effort, print, race};

fn main() {
    let mut case = cases::all().swap_remove(0);
    let outcomes = race(&mut case, Effort::from_arguments());
    print(&[(case, outcomes)]);
}
