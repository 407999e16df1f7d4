//! The rows of an address, once for billing and once for shipping.

use super::row::Charset::{Email, Line};
use super::row::Rule::Text;
use super::row::{Kinds, Row, row};

macro_rules! address {
    ($prefix:literal) => {
        &[
            row(concat!($prefix, ".first_name"), Text { max: 64, charset: Line }, Kinds::MONEY, "First name."),
            row(concat!($prefix, ".middle_name"), Text { max: 64, charset: Line }, Kinds::MONEY, "Middle name."),
            row(concat!($prefix, ".last_name"), Text { max: 64, charset: Line }, Kinds::MONEY, "Last name."),
            row(concat!($prefix, ".company"), Text { max: 128, charset: Line }, Kinds::MONEY, "Company."),
            row(concat!($prefix, ".job_title"), Text { max: 64, charset: Line }, Kinds::MONEY, "Job title."),
            row(
                concat!($prefix, ".customer"),
                Text { max: 64, charset: Line },
                Kinds::MONEY,
                "Your id of the customer at this address.",
            ),
            row(concat!($prefix, ".email"), Text { max: 254, charset: Email }, Kinds::MONEY, "E-mail address."),
            row(concat!($prefix, ".phone"), Text { max: 32, charset: Line }, Kinds::MONEY, "Telephone."),
            row(concat!($prefix, ".phone2"), Text { max: 32, charset: Line }, Kinds::MONEY, "Second telephone."),
            row(concat!($prefix, ".website"), Text { max: 255, charset: Line }, Kinds::MONEY, "Web site."),
            row(concat!($prefix, ".street"), Text { max: 128, charset: Line }, Kinds::MONEY, "Street and number."),
            row(
                concat!($prefix, ".street2"),
                Text { max: 128, charset: Line },
                Kinds::MONEY,
                "Second line of the street.",
            ),
            row(concat!($prefix, ".city"), Text { max: 64, charset: Line }, Kinds::MONEY, "City."),
            row(concat!($prefix, ".state"), Text { max: 64, charset: Line }, Kinds::MONEY, "State or province."),
            row(concat!($prefix, ".postal_code"), Text { max: 16, charset: Line }, Kinds::MONEY, "ZIP or postal code."),
            row(concat!($prefix, ".country"), Text { max: 64, charset: Line }, Kinds::MONEY, "Country."),
        ]
    };
}

pub const BILLING: &[Row] = address!("billing");
pub const SHIPPING: &[Row] = address!("shipping");
