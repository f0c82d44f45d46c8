//! How often each contender of each row allocates. A program of its own: counting takes time.

mod cases;

fn main() {
    println!("| case | who | allocations |");
    println!("| --- | --- | ---: |");
    for case in cases::all() {
        for mut contender in case.contenders {
            contender.once(); // what is kept from then on is kept
            let counted = allocation_counter::measure(|| contender.once());
            println!("| {} | {} | {} |", case.row, contender.name, counted.count_total);
        }
    }
}
