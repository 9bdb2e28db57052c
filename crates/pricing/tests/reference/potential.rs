use crate::table::{Worst, rows};
use cenote_pricing::math::{abs, max};
use cenote_pricing::{Grid, Lock, Potential, Rent, Worlds};

/// Loads up to 40 b and changes from 1e-12 b to 10 b: the change of the potential relative to what the trade moves in
/// each world, weighed by the tilted probabilities.
#[test]
fn potential_and_its_change() {
    let mut level = Worst::of("phi / (b + largest load)");
    let mut small = Worst::of("d_phi, relative to sum p |d|");
    let mut rows = rows(include_str!("potential.csv"));
    while let Some(mut row) = rows.next() {
        let (markets, market) = (row.count(), row.count());
        let [b, comovement] = row.numbers();
        let (phi, d_phi) = (row.exact(), row.exact());
        let loads: Vec<Worlds> = rows.by_ref().take(markets).map(|mut row| row.numbers()).collect();
        let change: Worlds = rows.next().expect("a change").numbers();
        let potential = Potential { weights: Grid::DEFAULT.weights(), b, comovement };
        let at = (markets, b, comovement, change[0]);
        level.note(phi.error(potential.phi(&loads)) / (b + potential.largest_load(&loads)), &at);

        let mut joint = [0.0; 33];
        loads.iter().for_each(|load| joint.iter_mut().zip(load).for_each(|(sum, l)| *sum += l));
        let moved = |load: &Worlds| {
            let p = potential.tilted(load);
            p.iter().zip(&change).map(|(p, d)| p * abs(*d)).sum::<f64>()
        };
        let scale = if markets == 1 {
            moved(&loads[market])
        } else {
            (1.0 - comovement) * moved(&loads[market]) + comovement * moved(&joint)
        };
        // Exponents are rounded once each: a load of l carries an error of l / b units.
        let digits = 1.0 + potential.largest_load(&loads) / b;
        small.note(d_phi.error(potential.d_phi(&loads, market, &change)) / (scale * digits), &at);
    }
    level.below(4e-16);
    small.below(2e-15);
}

#[test]
fn rent_and_its_change() {
    let mut level = Worst::of("lambda, relative");
    let mut small = Worst::of("d_lambda, relative");
    let mut rows = rows(include_str!("rent.csv"));
    while let Some(mut row) = rows.next() {
        let [r0, r1, r2, u_star, r] = row.numbers();
        let (before, after) = (row.count(), row.count());
        let (lambda, d_lambda) = (row.exact(), row.exact());
        let mut locks = |count: usize| -> Vec<Lock> {
            let lock =
                |mut row: crate::table::Row<'_>| Lock { years: row.number(), obligation: row.number() };
            rows.by_ref().take(count).map(lock).collect()
        };
        let (before, after) = (locks(before), locks(after));
        let rent = Rent { r0, r1, r2, u_star };
        level.note(lambda.relative(rent.lambda(r, &before)), &(r, before.len()));
        let got = rent.d_lambda(r, &before, &after);
        // What opens and what closes may cancel: measured against both apart.
        let gross: f64 = max_change(&before, &after);
        let (scale, error) = (max(abs(d_lambda.high), 1e-3 * gross), d_lambda.error(got));
        let relative = if error == 0.0 { 0.0 } else { error / scale };
        small.note(relative, &(r, before.len(), d_lambda.high));
    }
    level.below(2e-15);
    small.below(5e-15);
}

/// The sum of the changes of obligations, each over its own life.
fn max_change(before: &[Lock], after: &[Lock]) -> f64 {
    let of = |locks: &[Lock], years: f64| {
        locks.iter().filter(|lock| lock.years == years).map(|lock| lock.obligation).sum::<f64>()
    };
    let mut years: Vec<f64> = before.iter().chain(after).map(|lock| lock.years).collect();
    years.sort_by(f64::total_cmp);
    years.dedup();
    years.iter().map(|&t| t * abs(of(after, t) - of(before, t)) * 0.04).sum()
}
