//! tmp
fn main() {
    let days = std::env::args().nth(1).map_or(2, |d| d.parse().unwrap());
    let tape = match std::env::args().nth(2) {
        Some(p) => cenote_sim::tape::read(std::path::Path::new(&p)).unwrap(),
        None => cenote_sim::tape::generate(&cenote_sim::tape::Generator { days, ..Default::default() }, 1),
    };
    let every = std::env::var("EVERY").ok().map(|k| k.parse().unwrap());
    let config = cenote_sim::replay::Config { check_every: every, ..Default::default() };
    match cenote_sim::replay::run(&config, &tape, &mut |_| {}) {
        Ok(r) => {
            print!("{}", cenote_sim::replay::text(&r));
            let mut d: Vec<(f64, u64)> = r
                .path
                .iter()
                .map(|p| (p.delta * p.spot / (p.nav.get() as f64 / 1e6), p.at.millis()))
                .collect();
            d.sort_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
            let n = d.len();
            println!(
                "delta/nav mean {} p50 {} p90 {} p99 {:?} max {:?}",
                d.iter().map(|x| x.0.abs()).sum::<f64>() / n as f64,
                d[n / 2].0,
                d[n * 9 / 10].0,
                d[n * 99 / 100],
                &d[n - 5..]
            );
            let u = r.path.iter().map(|p| p.utilisation).sum::<f64>() / n as f64;
            println!("mean U {u}");
        }
        Err(e) => println!("error: {e}"),
    }
}
