//! How a set of parameters is written down once: as a struct, a check of bounds, and a table for people.

use alloc::string::{String, ToString};
use cenote_units::{Cash, Millis, Price, Ratio};

/// One row of the parameter table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamDoc {
    /// The field's name.
    pub name: &'static str,
    /// Its default, with unit.
    pub default: String,
    /// Its lowest value, with unit.
    pub min: String,
    /// Its highest value, with unit.
    pub max: String,
    /// What it means and why it is so.
    pub reason: &'static str,
}

/// How a parameter's value is shown to people.
pub trait Text {
    /// The value with its unit.
    fn text(&self) -> String;
}

impl Text for Ratio {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Text for Cash {
    fn text(&self) -> String {
        alloc::format!("{self} quote")
    }
}

impl Text for Price {
    fn text(&self) -> String {
        alloc::format!("{self} quote")
    }
}

impl Text for Millis {
    fn text(&self) -> String {
        let ms = self.get();
        for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")] {
            if ms >= unit && ms.is_multiple_of(unit) {
                return alloc::format!("{} {name}", ms.checked_div(unit).unwrap_or(0));
            }
        }
        alloc::format!("{ms} ms")
    }
}

impl Text for u32 {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// Declares a set of bounded parameters.
macro_rules! params {
    (
        $(#[$doc:meta])* $set:ident {
            $( $name:ident: $t:ty = $default:expr, $min:expr, $max:expr, $reason:literal; )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
        pub struct $set {
            $( #[doc = $reason] pub $name: $t, )*
        }

        impl Default for $set {
            fn default() -> Self {
                Self { $( $name: $default, )* }
            }
        }

        impl $set {
            /// The table of these parameters, in the order of their declaration.
            #[must_use]
            pub fn table() -> alloc::vec::Vec<$crate::params::ParamDoc> {
                use $crate::params::Text as _;
                alloc::vec![ $( $crate::params::ParamDoc {
                    name: stringify!($name),
                    default: <$t>::text(&$default),
                    min: <$t>::text(&$min),
                    max: <$t>::text(&$max),
                    reason: $reason,
                }, )* ]
            }

            /// The values, with units, in the order of the table.
            #[must_use]
            pub fn texts(&self) -> alloc::vec::Vec<alloc::string::String> {
                use $crate::params::Text as _;
                alloc::vec![ $( self.$name.text(), )* ]
            }

            /// Refuses the first parameter outside its bounds.
            #[allow(unused_comparisons, clippy::absurd_extreme_comparisons)] // Some lower bounds are zero.
            pub(crate) fn check_bounds(&self) -> Result<(), $crate::error::Rejection> {
                use $crate::params::Text as _;
                $( if self.$name < $min || self.$name > $max {
                    return Err($crate::error::Rejection::ParameterOutOfBounds {
                        name: stringify!($name),
                        value: self.$name.text(),
                        min: <$t>::text(&$min),
                        max: <$t>::text(&$max),
                    });
                } )*
                Ok(())
            }
        }
    };
}
pub(crate) use params;
