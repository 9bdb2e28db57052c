use super::{Publisher, Shape, kernel_surface};
use crate::rng::Rng;
use cenote_engine::command::SurfaceNode;
use cenote_engine::params::MarketRules;
use cenote_engine::quote::ratio;
use cenote_engine::state::PublishedSurface;
use cenote_pricing::Grid;
use cenote_units::{Millis, Price, Timestamp};

fn g_max() -> f64 {
    Grid::with_vol_of_vol(ratio(MarketRules::default().vol_of_vol)).g_max()
}

/// A shape that no chain would have: slopes, skews and vols of its own at every tenor.
fn wild(rng: &mut Rng) -> Shape {
    let mut tenor_s = 3_600;
    let mut nodes = Vec::new();
    for _ in 0..=rng.below(12) {
        tenor_s += 1 + rng.below(2_000_000) as u32;
        let years = f64::from(tenor_s) / 31_536_000.0;
        let vol = 0.3 + 1.2 * rng.uniform();
        nodes.push(SurfaceNode {
            tenor_s,
            theta_e12: (vol * vol * years * 1e12) as u64 + 1,
            rho_e9: ((1.96 * rng.uniform() - 0.98) * 1e9) as i32,
            psi_e12: ((0.3 + 2.0 * rng.uniform()) * vol * years.sqrt() * 1e12) as u64,
            carry_e12: 0,
        });
    }
    Shape::of(&nodes).unwrap()
}

#[test]
fn whatever_the_shape_and_level_a_published_surface_is_free_of_arbitrage() {
    let rules = MarketRules::default();
    let mut rng = Rng::new(3, 3);
    for case in 0..500 {
        let shape = if case % 5 == 0 { Shape::default() } else { wild(&mut rng) };
        let mut publisher = Publisher::new(shape, &rules, 0.01 + 4.0 * rng.uniform(), case);
        let mut price = 1e6;
        let mut anchor: Option<PublishedSurface> = None;
        for minute in 1..20u64 {
            let at = Timestamp::ZERO.after(Millis::seconds(60 * minute));
            price *= 1.0 + 0.03 * rng.normal().clamp(-4.0, 4.0);
            publisher.observe(at, Price::new(price as u128 * Price::ONE.get()).unwrap());
            let nodes = publisher.publish(at, anchor.as_ref());
            let checked = kernel_surface(&nodes).check(g_max());
            assert_eq!(checked, Ok(()), "case {case}, minute {minute}: {nodes:?}");
            anchor.get_or_insert(PublishedSurface { published_at: at, nodes, clipped: false });
        }
        assert_eq!(publisher.truth().check(g_max()), Ok(()), "case {case}");
    }
}

#[test]
fn a_shape_keeps_to_its_chain() {
    // Where the chain's own level is asked for, its own surface comes out.
    let node = |days: u32, vol: f64, rho_e9: i32, slope: f64| {
        let theta = vol * vol * f64::from(days) / 365.0;
        SurfaceNode {
            tenor_s: days * 86_400,
            theta_e12: (theta * 1e12) as u64,
            rho_e9,
            psi_e12: (slope * theta.sqrt() * 1e12) as u64,
            carry_e12: i64::from(days) * 10_000_000,
        }
    };
    let chain = [
        node(2, 0.60, -250_000_000, 0.7),
        node(30, 0.50, -300_000_000, 0.75),
        node(90, 0.52, -320_000_000, 0.8),
    ];
    let shape = Shape::of(&chain).unwrap();
    let nodes = shape.nodes(|_| 0.25, g_max(), |_, theta| theta);
    for (built, given) in nodes.iter().zip(kernel_surface(&chain).nodes()) {
        assert!((built.theta / given.theta - 1.0).abs() < 1e-5, "{built:?} {given:?}");
        assert!((built.psi / given.psi - 1.0).abs() < 1e-5, "{built:?} {given:?}");
        assert!((built.rho - given.rho).abs() < 1e-5, "{built:?} {given:?}");
        assert_eq!(built.carry, given.carry);
    }
    assert_eq!(Shape::of(&[]), None);
}

#[test]
fn a_publish_stays_within_the_rate_limit_of_its_anchor() {
    let rules = MarketRules::default();
    let mut publisher = Publisher::new(Shape::default(), &rules, 0.25, 1);
    let minute = |n: u64| Timestamp::ZERO.after(Millis::seconds(60 * n));
    publisher.observe(minute(0), Price::new(100 * Price::ONE.get()).unwrap());
    let nodes = publisher.publish(minute(1), None);
    let anchor = PublishedSurface { published_at: minute(1), nodes, clipped: false };
    // Down a fifth in a minute: the level of vol asks for several times what a minute may move.
    publisher.observe(minute(2), Price::new(80 * Price::ONE.get()).unwrap());
    let wanted = publisher.truth();
    let published = publisher.publish(minute(2), Some(&anchor));
    let step = ratio(rules.surface_step) + ratio(rules.surface_step_day) * (1.0f64 / 1_440.0).sqrt();
    for ((node, before), wanted) in published.iter().zip(&anchor.nodes).zip(wanted.nodes()) {
        let moved = (node.theta_e12 as f64 / before.theta_e12 as f64).sqrt() - 1.0;
        assert!(moved <= step, "{moved} of {step}");
        assert!(wanted.theta > 1.2 * node.theta_e12 as f64 / 1e12, "the limit should bind");
    }
}

#[test]
fn the_level_follows_what_was_realised() {
    let rules = MarketRules::default();
    let mut publisher = Publisher::new(Shape::default(), &rules, 1.0, 1);
    let mut rng = Rng::new(1, 1);
    let mut price = 50_000.0;
    for hour in 0..24 * 200 {
        price *= (0.4 / 8_760f64.sqrt() * rng.normal()).exp();
        let at = Timestamp::ZERO.after(Millis::seconds(3_600 * hour));
        publisher.observe(at, Price::new((price * 1e6) as u128 * 1_000_000).unwrap());
    }
    // Ten percent above the 40% that was realised, give or take what a day's average is worth.
    let month = 30.0 / 365.0;
    let vol = (publisher.truth().slice(month).theta / month).sqrt();
    assert!((vol / 0.44 - 1.0).abs() < 0.1, "{vol}");
}
