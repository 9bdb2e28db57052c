//! What is stored or sent comes back with the same bits.

#![cfg(all(feature = "borsh", feature = "serde"))]

use borsh::{BorshDeserialize, BorshSerialize};
use cenote_pricing::{Exposure, Grid, Node, RealisedVol, Rent, Surface};
use serde::{Serialize, de::DeserializeOwned};

fn survives<T>(value: &T)
where
    T: BorshSerialize + BorshDeserialize + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let bytes = borsh::to_vec(value).expect("borsh writes");
    assert_eq!(&borsh::from_slice::<T>(&bytes).expect("borsh reads"), value);
    let text = serde_json::to_string(value).expect("serde writes");
    assert_eq!(&serde_json::from_str::<T>(&text).expect("serde reads"), value);
}

#[test]
fn records_survive_both_formats() {
    survives(&Grid::DEFAULT);
    survives(&Rent { r0: 0.0, r1: 0.04, r2: 0.6, u_star: 0.7 });
    survives(&RealisedVol::new(1.0 / 3.0));
    survives(&Surface::new(vec![Node { tenor: 0.1, theta: 0.01, rho: -0.3, psi: 0.1, carry: 1e-3 }]));
    let load = core::array::from_fn(|s| 1.0 / (1.0 + s as f64));
    survives(&Exposure { value: 0.1, delta: -2.0 / 3.0, vega: 1e-9, load });
}

#[test]
fn a_load_of_another_length_is_refused() {
    let text = r#"{"value":0,"delta":0,"vega":0,"load":[1,2,3]}"#;
    let fault = serde_json::from_str::<Exposure>(text).expect_err("three numbers");
    assert!(fault.to_string().contains("33 numbers"), "{fault}");
}
