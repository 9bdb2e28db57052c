//! The whole life of a position, with every invariant after every command.
use cenote_engine::ids::{LegKind, MarketId};
use cenote_sim::fixture::{Fixture, TRADER};

#[test]
fn a_call_is_bought_and_sold_back() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 1_000_000.0);
    let board = f.boards(MarketId(0))[3];
    let buy = f.leg(board, 1.0, LegKind::Call, 5.0);
    let fill = f.trade(TRADER, vec![buy]).unwrap().filled();
    println!("{:#?}", fill.cost);
    let sell = f.leg(board, 1.0, LegKind::Call, -5.0);
    let fill = f.trade(TRADER, vec![sell]).unwrap().filled();
    println!("{:#?}", fill.cost);
}
