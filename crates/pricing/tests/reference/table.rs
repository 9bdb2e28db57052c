//! Reads the tables and measures errors finer than the last bit.

/// A result to 32 digits: the nearest f64 and what it misses.
#[derive(Clone, Copy, Debug)]
pub struct Exact {
    pub high: f64,
    pub low: f64,
}

impl Exact {
    /// How far a computed value is from the exact one.
    pub fn error(self, got: f64) -> f64 {
        assert!(!got.is_nan(), "NaN for {}", self.high);
        if got == self.high { self.low.abs() } else { ((got - self.high) - self.low).abs() }
    }

    /// The error in units of the last place of the exact value.
    pub fn ulps(self, got: f64) -> f64 {
        let size = self.high.abs();
        let unit = f64::from_bits(size.to_bits() & (0x7ff << 52)) * f64::EPSILON;
        // There the rest is too small for a float: only whole units can be seen, half of one too many.
        if size < 1e-290 {
            0.5 * self.error(got) / if unit == 0.0 { f64::from_bits(1) } else { unit }
        } else {
            self.error(got) / unit
        }
    }

    /// The error relative to the exact value.
    pub fn relative(self, got: f64) -> f64 {
        if self.high == 0.0 { self.error(got) } else { self.error(got) / self.high.abs() }
    }
}

/// The fields of one line, taken from the left.
pub struct Row<'a>(std::str::Split<'a, char>);

impl Row<'_> {
    pub fn number(&mut self) -> f64 {
        let field = self.0.next().expect("a field");
        f64::from_bits(u64::from_str_radix(field, 16).expect("16 hex digits"))
    }

    pub fn numbers<const N: usize>(&mut self) -> [f64; N] {
        std::array::from_fn(|_| self.number())
    }

    pub fn count(&mut self) -> usize {
        self.0.next().and_then(|field| field.parse().ok()).expect("a count")
    }

    pub fn exact(&mut self) -> Exact {
        Exact { high: self.number(), low: self.number() }
    }
}

/// The lines of a table.
pub fn rows(table: &str) -> impl Iterator<Item = Row<'_>> {
    table.lines().map(|line| Row(line.split(',')))
}

/// The largest of the errors noted, and where.
pub struct Worst {
    what: &'static str,
    error: f64,
    at: String,
}

impl Worst {
    pub fn of(what: &'static str) -> Worst {
        Worst { what, error: 0.0, at: String::new() }
    }

    pub fn note(&mut self, error: f64, at: &dyn std::fmt::Debug) {
        assert!(!error.is_nan(), "{} at {at:?}", self.what);
        if error > self.error {
            (self.error, self.at) = (error, format!("{at:?}"));
        }
    }

    /// Prints the error and refuses one above the bound.
    pub fn below(self, bound: f64) {
        println!("{:24} {:9.3e}  (bound {bound:e}) at {}", self.what, self.error, self.at);
        assert!(self.error <= bound, "{}: {} at {}", self.what, self.error, self.at);
    }
}
