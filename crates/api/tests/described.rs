//! The description that is committed is the one that is served.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_api::describe;
use std::path::Path;

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn committed_descriptions_are_current() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api");
    let files = [
        ("openapi.json", pretty(&describe::openapi())),
        ("asyncapi.json", pretty(&describe::asyncapi())),
        ("llms.txt", describe::llms()),
    ];
    for (name, text) in files {
        let path = dir.join(name);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "docs/api/{name} is not current: UPDATE_DOCS=1 cargo test -p cenote-api --test described"
        );
    }
}

/// Every reference leads somewhere, in both documents.
#[test]
fn every_reference_is_there() {
    for document in [describe::openapi(), describe::asyncapi()] {
        let known = document["components"]["schemas"].as_object().unwrap().clone();
        let text = document.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(known.contains_key(name), "{name} is referred to and not described");
        }
    }
}

/// What varies in a path is described, in its order, and a number's bounds have its default between them.
#[test]
fn every_parameter_is_described() {
    let mut whole = 0;
    for route in describe::ROUTES {
        let names: Vec<&str> = route.path_parameters().map(|parameter| parameter.name).collect();
        let shown: Vec<&str> =
            route.path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
        assert_eq!(names, shown, "{}", route.path);
        for parameter in route.path_parameters().chain(route.query) {
            let schema = parameter.kind.schema();
            assert!(parameter.what.ends_with('.'), "{}: {}", route.path, parameter.name);
            if schema["type"] == "integer" {
                whole += 1;
                let number = |name: &str| schema[name].as_u64();
                let least = number("minimum").unwrap();
                let usual = number("default").unwrap_or(least);
                assert!((least..=number("maximum").unwrap_or(u64::MAX)).contains(&usual), "{schema}");
            }
        }
    }
    assert!(whole > 20, "{whole} whole numbers");
}
