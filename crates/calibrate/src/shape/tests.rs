use super::*;
use crate::surface_file::SurfaceNode;
use cenote_pricing::{Grid, Node, Surface};

/// A small generator: tests repeat.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

/// Nodes whose coordinates rise, by steps that are often just the margin.
fn point(random: &mut Random, nodes: usize) -> Vec<f64> {
    let mut at = [random.within(-6.0, -1.0), 0.0, random.within(-6.0, -1.0)];
    at[1] = at[0] + random.within(-4.5, 4.5);
    let mut x = Vec::new();
    for _ in 0..nodes {
        x.extend(at);
        for coordinate in &mut at {
            *coordinate += if random.unit() < 0.4 { 1.01 * MARGIN } else { random.within(0.0, 0.8) };
        }
    }
    x
}

fn surface(x: &[f64], rounded: bool) -> Surface {
    let node = |(i, x): (usize, &[f64])| {
        let Slice { theta, rho, psi } = slice(x);
        let tenor_s = 86_400 * (1 + i as u32);
        let node = Node { tenor: f64::from(tenor_s) / 31_536_000.0, theta, rho, psi, carry: 0.0 };
        if rounded { SurfaceNode::nearest(tenor_s, &node).node() } else { node }
    };
    Surface::new(x.chunks(PER_NODE).enumerate().map(node).collect())
}

#[test]
fn points_inside_make_surfaces_that_pass_after_rounding() {
    let g_max = Grid::DEFAULT.g_max();
    let mut random = Random(7);
    let (mut inside, mut outside) = (0, 0);
    for _ in 0..20_000 {
        let x = point(&mut random, 6);
        let sound = faces(6, g_max).iter().all(|face| face.distance(&x) > 0.0);
        // Below this theta its rounding is coarser than the margin.
        if slice(&x).theta < 1e-5 {
            continue;
        }
        if sound {
            inside += 1;
            assert_eq!(surface(&x, true).check(g_max), Ok(()), "{x:?}");
        } else {
            outside += 1;
        }
    }
    assert!(inside > 3000 && outside > 1000, "{inside} inside, {outside} outside");
}

#[test]
fn points_outside_make_surfaces_that_fail() {
    let g_max = Grid::DEFAULT.g_max();
    let mut random = Random(11);
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut x = point(&mut random, 4);
        let at = PER_NODE + (random.unit() * 9.0) as usize;
        x[at] -= random.within(0.0, 1.0);
        let faces = faces(4, g_max);
        // The limit on skew is this crate's own: surfaces beyond it are allowed, if hard to round.
        let ours = |face: &Face| (face.bound + MARGIN - 2.0 * SKEW_MAX).abs() < 1e-9;
        let worst = faces.iter().filter(|face| !ours(face)).map(|face| face.distance(&x)).fold(1.0, f64::min);
        if worst < -2.0 * MARGIN {
            refused += 1;
            assert!(surface(&x, false).check(g_max).is_err(), "{x:?} is outside by {worst}");
        }
    }
    assert!(refused > 5000, "{refused}");
}

#[test]
fn slices_come_back() {
    let x = [-2.0_f64, -1.0, 0.5];
    let Slice { theta, rho, psi } = slice(&x);
    assert!(((psi * (1.0 + rho)).ln() - x[0]).abs() < 1e-14);
    assert!(((psi * (1.0 - rho)).ln() - x[1]).abs() < 1e-14);
    assert!(((theta / psi).ln() - x[2]).abs() < 1e-14);
}

#[test]
fn slopes_are_derivatives() {
    for x in [[-2.0, -1.0, 0.5], [-1.0, -3.0, -2.0], [-4.0, -4.0, 1.0]] {
        let exact = slopes(&slice(&x));
        for i in 0..PER_NODE {
            let side = |by: f64| {
                let mut moved = x;
                moved[i] += by;
                let Slice { theta, rho, psi } = slice(&moved);
                [theta, rho, psi]
            };
            let (up, down) = (side(1e-5), side(-1e-5));
            for row in 0..3 {
                let difference = (up[row] - down[row]) / 2e-5;
                assert!((exact[row][i] - difference).abs() < 1e-9, "{x:?} {row} {i}");
            }
        }
    }
}

#[test]
fn every_start_is_inside() {
    let tables: [&[f64]; 5] = [
        &[0.01],
        &[0.0, 0.0, 0.0],
        &[0.3, 0.2, 0.1],
        &[1e-7, 50.0, 90.0],
        &[1e-5, 1e-4, 0.01, 0.1, 1.0, 9.0],
    ];
    for thetas in tables {
        let x = start(thetas);
        for face in faces(thetas.len(), Grid::DEFAULT.g_max()) {
            assert!(face.distance(&x) > 0.0, "{thetas:?}: {face:?}");
        }
    }
}
