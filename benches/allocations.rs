//! Counts the allocations of each contender in each row. It is a separate program because counting
//! takes time.

mod cases;

fn main() {
    println!("| case | who | allocations |");
    println!("| --- | --- | ---: |");
    for case in cases::all() {
        for mut contender in case.contenders {
            contender.repeat(1); // caches are filled now
            let counted = allocation_counter::measure(|| contender.repeat(1));
            println!("| {} | {} | {} |", case.row, contender.name, counted.count_total);
        }
    }
}
