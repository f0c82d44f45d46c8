//! All rows against all peers, then two threads against one, then growing requests.

mod cases;
mod scaling;

use benches::{Effort, print, race};

fn main() {
    let effort = Effort::from_arguments();
    let raced: Vec<_> = cases::all()
        .into_iter()
        .map(|mut case| {
            let outcomes = race(&mut case, effort);
            (case, outcomes)
        })
        .collect();
    print(&raced);
    scaling::print(effort);
    scaling::print_growth(effort);
}
