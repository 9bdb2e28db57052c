use crate::random::{Random, board, surface, tick};
use cenote_pricing::math::{abs, max};
use cenote_pricing::{BoardMarks, Exposure, Grid, Lock, Potential, Rent, WORLDS, Worlds, mark_board};

const STRIKES: [f64; 6] = [60.0, 85.0, 95.0, 100.0, 110.0, 140.0];

fn marks(random: &mut Random) -> BoardMarks {
    let surface = surface(random);
    let mut marks = BoardMarks::default();
    mark_board(&tick(&surface), &surface, &board(random.scale(0.002, 0.3)), &STRIKES, &mut marks);
    marks
}

/// A book of up to `size` of each instrument.
fn book(random: &mut Random, marks: &BoardMarks, size: f64) -> Exposure {
    let mut book = Exposure::ZERO;
    for instrument in marks.calls.iter().chain(&marks.puts) {
        book.add(random.within(-size, size), instrument);
    }
    book
}

fn potential(b: f64) -> Potential {
    Potential { weights: Grid::DEFAULT.weights(), b, comovement: 0.8 }
}

fn plus(load: &Worlds, change: &Worlds) -> Worlds {
    std::array::from_fn(|s| load[s] + change[s])
}

#[test]
fn an_exposure_is_a_signed_sum() {
    let mut random = Random(41);
    let marks = marks(&mut random);
    let (call, put) = (&marks.calls[2], &marks.puts[4]);
    let mut both = Exposure::ZERO;
    both.add(-3.0, call);
    both.add(2.5, put);
    assert_eq!(both.value, -3.0 * call.mark + 2.5 * put.mark);
    assert_eq!(both.delta, -3.0 * call.delta + 2.5 * put.delta);
    assert_eq!(both.vega, -3.0 * call.vega + 2.5 * put.vega);
    for s in 0..WORLDS {
        assert_eq!(both.load[s], 3.0 * call.worlds[s] - 2.5 * put.worlds[s]);
    }
    let mut parts = Exposure::ZERO;
    parts.add(-3.0, call);
    let mut other = Exposure::ZERO;
    other.add(2.5, put);
    parts.merge(&other);
    assert_eq!(parts, both);
}

/// Any split of a trade between two ticks costs the same, and a closed loop costs nothing.
#[test]
fn the_potential_is_path_independent() {
    let mut random = Random(42);
    for n in 0..200 {
        let marks = marks(&mut random);
        let potential = potential(random.scale(5.0, 5e4));
        let mut loads = vec![book(&mut random, &marks, 20.0).load];
        if n % 2 == 1 {
            loads.push(book(&mut random, &marks, 20.0).load);
        }
        let market = random.below(loads.len());
        let pieces: Vec<Exposure> = (0..50).map(|_| book(&mut random, &marks, 1.0)).collect();
        let gross: f64 = pieces.iter().map(|piece| abs(piece.value)).sum();
        let whole = pieces.iter().fold([0.0; WORLDS], |sum, piece| plus(&sum, &piece.load));
        let at_once = potential.d_phi(&loads, market, &whole);
        let mut paid = 0.0;
        let mut now = loads.clone();
        for piece in &pieces {
            paid += potential.d_phi(&now, market, &piece.load);
            now[market] = plus(&now[market], &piece.load);
        }
        assert!(abs(paid - at_once) < 1e-12 * gross, "split {paid} whole {at_once}");
        let back = potential.d_phi(&now, market, &whole.map(|d| -d));
        assert!(abs(paid + back) < 1e-12 * gross, "loop {}", paid + back);
    }
}

/// The change lies between the tilted mean and the worst world, and is convex in the size of the trade.
#[test]
fn the_potential_is_convex() {
    let mut random = Random(43);
    for _ in 0..400 {
        let marks = marks(&mut random);
        let potential = potential(random.scale(5.0, 5e4));
        let load = book(&mut random, &marks, 20.0).load;
        let trade = book(&mut random, &marks, 1.0).load;
        let step = random.scale(1e-6, 30.0);
        let at = |size: f64| potential.d_phi(&[load], 0, &trade.map(|d| size * d));
        let mean: f64 = potential.tilted(&load).iter().zip(&trade).map(|(p, d)| p * d).sum();
        let largest = trade.iter().fold(trade[0], |m, d| max(m, *d));
        let dust = 1e-13 * step * (1.0 + trade.iter().fold(0.0, |m, d| max(m, abs(*d))));
        assert!(at(step) >= step * mean - dust, "{} {}", at(step), step * mean);
        assert!(at(step) <= step * largest + dust);
        assert!(at(2.0 * step) - 2.0 * at(step) >= -4.0 * dust);
        assert!(at(step) + at(-step) >= -dust);
    }
}

/// Both recipes for the change agree where one hands over to the other.
#[test]
fn small_and_large_changes_agree_at_half_a_unit() {
    let mut random = Random(44);
    let potential = potential(1.0);
    for _ in 0..500 {
        let load: Worlds = std::array::from_fn(|_| random.within(-8.0, 8.0));
        let shape: Worlds = std::array::from_fn(|_| random.within(-0.999, 0.999));
        let at = |largest: f64| {
            let mut change = shape.map(|d| d * largest);
            change[7] = largest;
            potential.d_phi(&[load], 0, &change)
        };
        let (below, above) = (at(0.5 - 1e-13), at(0.5));
        assert!(abs(below - above) < 1e-12, "{below} {above}");
    }
}

#[test]
fn a_book_with_no_mean_has_a_potential_of_at_least_zero() {
    let mut random = Random(45);
    for _ in 0..300 {
        let marks = marks(&mut random);
        let potential = potential(random.scale(1.0, 1e5));
        let loads = [book(&mut random, &marks, 20.0).load, book(&mut random, &marks, 20.0).load];
        assert!(potential.phi(&loads) >= -1e-10);
        assert_eq!(potential.phi(&[]), 0.0);
        // Two markets that move together are one.
        let joint = Potential { comovement: 1.0, ..potential.clone() };
        assert!(abs(joint.phi(&loads) - potential.phi(&[plus(&loads[0], &loads[1])])) < 1e-9);
        let apart = Potential { comovement: 0.0, ..potential.clone() };
        assert!(abs(apart.phi(&loads) - potential.phi(&loads[..1]) - potential.phi(&loads[1..])) < 1e-9);
        let tilted: f64 = potential.tilted(&loads[0]).iter().sum();
        assert!(abs(tilted - 1.0) < 1e-15);
        let own = |load: &Worlds| load.iter().fold(0.0, |m, l| max(m, abs(*l)));
        let largest = max(max(own(&loads[0]), own(&loads[1])), own(&plus(&loads[0], &loads[1])));
        assert_eq!(potential.largest_load(&loads), largest);
    }
}

/// A portfolio that pays nothing less than zero on a board costs at least its worst world, whatever the book.
#[test]
fn no_tilt_makes_a_payoff_cheaper_than_its_worst_world() {
    let mut random = Random(46);
    for _ in 0..300 {
        let marks = marks(&mut random);
        let potential = potential(random.scale(0.5, 1e3));
        let load = book(&mut random, &marks, 30.0).load;
        let size = random.scale(1e-3, 100.0);
        let mut butterfly = Exposure::ZERO;
        for (leg, call) in [(1.0, 2), (-1.5, 3), (0.5, 4)] {
            butterfly.add(size * leg, &marks.calls[call]);
        }
        let worst = butterfly
            .load
            .iter()
            .fold(f64::INFINITY, |m, l| if butterfly.value - l < m { butterfly.value - l } else { m });
        assert!(worst >= -1e-10 * size, "worst world {worst}");
        // The pool sells it: its load grows by what the buyer gains.
        let cost = butterfly.value + potential.d_phi(&[load], 0, &butterfly.load.map(|l| -l));
        assert!(cost >= worst - 1e-10 * size, "cost {cost} worst {worst}");
    }
}

fn locks(random: &mut Random, r: f64) -> Vec<Lock> {
    let mut years = 0.0;
    (0..6)
        .map(|_| {
            years += random.within(0.01, 0.1);
            Lock { years, obligation: r * random.within(0.0, 0.3) }
        })
        .collect()
}

#[test]
fn rent_is_a_convex_potential() {
    let rent = Rent { r0: 0.01, r1: 0.04, r2: 0.6, u_star: 0.7 };
    for n in 0..200 {
        let u = f64::from(n) * 0.01;
        let slope = (rent.g(u + 1e-5) - rent.g(u)) / 1e-5;
        assert!(abs(slope - rent.rate(u + 0.5e-5)) < 1e-5, "at {u}: {slope}");
        assert!(rent.rate(u + 0.01) >= rent.rate(u));
    }
    assert_eq!(rent.g(0.0), 0.0);
    assert!(abs(rent.g(0.7) - (0.01 * 0.7 + 0.02 * 0.7)) < 1e-17);
    assert!(abs(rent.rate(1.0) - 0.65) < 1e-15 && rent.rate(1.3) > 0.65);

    let mut random = Random(47);
    for _ in 0..300 {
        let r = random.scale(1e4, 1e8);
        let path: Vec<Vec<Lock>> = (0..5)
            .scan(locks(&mut random, r), |now, _| {
                now[random.below(6)].obligation = r * random.within(0.0, 0.5);
                Some(now.clone())
            })
            .collect();
        let steps: f64 = path.windows(2).map(|pair| rent.d_lambda(r, &pair[0], &pair[1])).sum();
        let whole = rent.d_lambda(r, &path[0], &path[4]);
        let level = rent.lambda(r, &path[4]);
        assert!(abs(steps - whole) < 1e-13 * r, "{steps} {whole}");
        assert!(abs(rent.lambda(r, &path[0]) + whole - level) < 1e-13 * r);
        assert!(abs(whole + rent.d_lambda(r, &path[4], &path[0])) < 1e-13 * r);
        assert_eq!(rent.d_lambda(r, &path[2], &path[2]), 0.0);
        // A board that owes nothing does not matter.
        let mut longer = path[0].clone();
        longer.insert(3, Lock { years: longer[2].years, obligation: 0.0 });
        longer.push(Lock { years: 9.0, obligation: 0.0 });
        assert!(abs(rent.d_lambda(r, &path[0], &longer)) < 1e-15 * r);
        // Locking more costs more, and half the change twice no more than the whole.
        let mut more = path[0].clone();
        more[4].obligation += 0.2 * r;
        let mut half = path[0].clone();
        half[4].obligation += 0.1 * r;
        assert!(rent.d_lambda(r, &path[0], &more) >= 2.0 * rent.d_lambda(r, &path[0], &half) - 1e-13 * r);
    }
}
