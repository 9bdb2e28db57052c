use super::kind_of;
use cenote_api::event::What;
use cenote_api::{Address, ApiEvent};
use cenote_engine::ids::AccountId;

#[test]
fn the_kind_of_an_event_is_its_tag_whatever_else_it_says() {
    let account = Address(AccountId::numbered(1));
    let label = Some("\"type\":\"ticked\"".to_owned());
    for (what, expected) in [
        (What::OrderPlaced { order: 1, account, market: "type".into(), due_at: 2, label }, "order_placed"),
        (What::SnapshotTaken { name: "\"type\":\"x\"".into() }, "snapshot_taken"),
        (What::Reverted { name: String::new(), to_seq: u64::MAX }, "reverted"),
        (What::ReportsKept { market: "M".into(), fresh: 1, needed: 2 }, "reports_kept"),
    ] {
        let event = ApiEvent { seq: u64::MAX, index: 0, time: 0, what };
        assert_eq!(kind_of(&serde_json::to_string(&event).expect("an event")), expected);
    }
    assert_eq!(kind_of("{}"), "");
    assert_eq!(kind_of("\"type\":\""), "");
}
