//! `cargo xtask bench`: runs the measuring programs and writes what they print, with the command and the machine,
//! to `docs/results`.

use crate::process::{command, has, must, read, root, target_dir};
use std::process::Stdio;

/// One measurement.
struct Bench {
    /// Also the name of `docs/results/NAME.md`.
    name: &'static str,
    title: &'static str,
    /// A program that prints Markdown and nothing else on standard output. It runs in the root of the checkout; if
    /// `python` is set it finds a Python with [`PYTHON_PACKAGES`] in `CENOTE_BENCH_PYTHON`, or the variable unset when
    /// none could be made, and then has to say that it compared with nothing.
    run: &'static [&'static str],
    /// What must be in the checkout for it.
    needs: &'static str,
    python: bool,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "kernels",
        title: "Pricing kernels against numpy, scipy and QuantLib",
        run: &["cargo", "bench", "--quiet", "--package", "cenote-pricing", "--bench", "kernels"],
        needs: "crates/pricing/benches/kernels.rs",
        python: true,
    },
    Bench {
        name: "engine",
        title: "Commands a second through the engine",
        run: &["cargo", "bench", "--quiet", "--package", "cenote-sim", "--bench", "engine"],
        needs: "crates/sim/benches/engine.rs",
        python: false,
    },
    Bench {
        name: "calibration",
        title: "Surfaces fitted to listed option chains",
        run: &[
            "cargo",
            "run",
            "--quiet",
            "--release",
            "--package",
            "cenote-calibrate",
            "--example",
            "chains",
        ],
        needs: "crates/calibrate/examples/chains.rs",
        python: false,
    },
    Bench {
        name: "replays",
        title: "Real tapes through the engine",
        run: &["cargo", "bench", "--quiet", "--package", "cenote", "--bench", "replays"],
        needs: "crates/cli/benches/replays.rs",
        python: false,
    },
    Bench {
        name: "venue",
        title: "A venue under load",
        run: &["cargo", "bench", "--quiet", "--package", "cenote", "--bench", "venue"],
        needs: "crates/cli/benches/venue.rs",
        python: false,
    },
];

/// What the kernels are compared with.
const PYTHON_PACKAGES: &[&str] = &["numpy", "scipy", "QuantLib"];

/// Runs the benches named, or all of them. False if one could not be run.
pub fn run(arguments: &[String]) -> Result<bool, String> {
    if arguments.iter().any(|argument| argument == "--list") {
        for bench in BENCHES {
            println!("{:<10} {}", bench.name, bench.title);
        }
        return Ok(true);
    }
    if let Some(unknown) = arguments.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        return Err(format!("there is no bench {unknown}; `cargo xtask bench --list` lists them"));
    }
    let mut all = true;
    for bench in
        BENCHES.iter().filter(|bench| arguments.is_empty() || arguments.iter().any(|n| n == bench.name))
    {
        eprintln!("== {}", bench.title);
        if let Err(why) = measure(bench) {
            eprintln!("{}: {why}", bench.name);
            all = false;
        }
    }
    Ok(all)
}

fn measure(bench: &Bench) -> Result<(), String> {
    if !root().join(bench.needs).exists() {
        return Err(format!("{} is not there", bench.needs));
    }
    let (program, arguments) = bench.run.split_first().ok_or("has no command")?;
    let mut program = command(program, arguments);
    if bench.python {
        match python() {
            Ok(path) => drop(program.env("CENOTE_BENCH_PYTHON", path)),
            Err(why) => eprintln!("no Python to compare with: {why}"),
        }
    }
    program.stderr(Stdio::inherit());
    let measured = read(program)?;
    println!("{measured}");
    let folder = root().join("docs/results");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let file = format!("docs/results/{}.md", bench.name);
    let page = page(bench.title, bench.name, &bench.run.join(" "), &conditions(), &measured);
    std::fs::write(root().join(&file), page).map_err(|e| format!("{file}: {e}"))?;
    eprintln!("wrote {file}");
    Ok(())
}

/// The document: what was measured, how and where.
fn page(title: &str, name: &str, run: &str, conditions: &[(&str, String)], measured: &str) -> String {
    let mut page = format!(
        "# {title}\n\nMade by `cargo xtask bench {name}`, which runs `{run}`. Do not edit.\n\n| | |\n|---|---|\n"
    );
    for (what, value) in conditions {
        page.push_str(&format!("| {what} | {value} |\n"));
    }
    page + "\n" + measured.trim() + "\n"
}

/// When and on what: enough to judge whether two results can be compared.
fn conditions() -> Vec<(&'static str, String)> {
    let ask = |program: &str, arguments: &[&str]| read(command(program, arguments)).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let changed = if ask("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() {
        ""
    } else {
        " and changes"
    };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    vec![
        ("date", ask("date", &["-u", "+%Y-%m-%d"])),
        ("commit", format!("{}{changed}", ask("git", &["rev-parse", "--short", "HEAD"]))),
        ("processor", format!("{}, {cores} threads", processor())),
        ("system", ask("uname", &["-srm"])),
        ("compiler", ask("rustc", &["--version"])),
        ("load before (1 min)", load.split(' ').next().unwrap_or_default().to_owned()),
    ]
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

/// The Python of a virtual environment with the packages to compare with; makes it the first time.
fn python() -> Result<String, String> {
    let folder = target_dir().join("bench-venv");
    let python = folder.join("bin/python").to_string_lossy().into_owned();
    let imports = PYTHON_PACKAGES.iter().fold(String::new(), |line, name| line + "import " + name + "\n");
    let complete = |python: &str| {
        let mut test = command(python, &["-c", &imports]);
        test.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if !complete(&python) {
        if !has("python3", &[]) {
            return Err("python3 is not installed".to_owned());
        }
        eprintln!("making {} with {}", folder.display(), PYTHON_PACKAGES.join(", "));
        must(command("python3", &["-m", "venv", &folder.to_string_lossy()]))?;
        let mut pip = command(&python, &["-m", "pip", "install", "--quiet"]);
        pip.args(PYTHON_PACKAGES);
        must(pip)?;
    }
    Ok(python)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_result_names_its_command_and_its_machine() {
        let conditions = [("date", "2030-01-31".to_owned())];
        let page = super::page("Prices", "kernels", "cargo bench", &conditions, "| a | 1.5 |\n\n");
        let expected = "# Prices\n\nMade by `cargo xtask bench kernels`, which runs `cargo bench`. Do not edit.\n\n\
                        | | |\n|---|---|\n| date | 2030-01-31 |\n\n| a | 1.5 |\n";
        assert_eq!(page, expected);
    }
}
