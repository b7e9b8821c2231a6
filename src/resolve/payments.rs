//! `[payments]`: what the built-in functions accept, and the reference data that migrations bring in; `[migration]`.

use super::choices;
use super::defaults as default;
use super::environment::{Currency, Merchant, Migration, Payments, Velocity};
use super::resolver::Resolver;
use crate::origin::{Origin, Value};
use crate::spec::{RawCurrency, RawMerchant, RawMigration, RawPayments, RawVelocity};

/// Currencies of a spec that names none: code, least and greatest amount of a payment in minor units. The greatest keep
/// a payment near 10,000 US dollars.
pub const CURRENCIES: [(&str, u32, u32); 13] = [
    ("AUD", 50, 1_500_000),
    ("BHD", 200, 3_750_000),
    ("CAD", 50, 1_350_000),
    ("CHF", 50, 900_000),
    ("DKK", 250, 7_000_000),
    ("EUR", 50, 950_000),
    ("GBP", 30, 800_000),
    ("JPY", 50, 1_500_000),
    ("KRW", 500, 13_500_000),
    ("KWD", 150, 3_050_000),
    ("NOK", 300, 10_500_000),
    ("SEK", 300, 10_500_000),
    ("USD", 50, 1_000_000),
];

impl Resolver<'_> {
    pub fn payments(&mut self, raw: RawPayments) -> Payments {
        let RawPayments {
            velocity,
            idempotency_hours,
            alarm_rejection_percent,
            alarm_outbox_age_seconds,
            currencies,
            merchants,
        } = raw;
        let RawVelocity { payments, seconds } = velocity;
        let currencies =
            if currencies.is_empty() && !self.problems.is_unusable("payments.currencies") {
                CURRENCIES.map(usual_currency).into()
            } else {
                currencies
                    .into_iter()
                    .map(|raw| self.currency(raw))
                    .collect()
            };
        Payments {
            currencies,
            velocity: Velocity {
                payments: default::PAYMENTS_VELOCITY_PAYMENTS.unless(payments),
                seconds: default::PAYMENTS_VELOCITY_SECONDS.unless(seconds),
            },
            idempotency_hours: default::PAYMENTS_IDEMPOTENCY_HOURS.unless(idempotency_hours),
            alarm_rejection_percent: default::PAYMENTS_ALARM_REJECTION_PERCENT
                .unless(alarm_rejection_percent),
            alarm_outbox_age_seconds: default::PAYMENTS_ALARM_OUTBOX_AGE_SECONDS
                .unless(alarm_outbox_age_seconds),
            merchants: merchants
                .into_iter()
                .map(|raw| self.merchant(raw))
                .collect(),
        }
    }

    fn currency(&mut self, raw: RawCurrency) -> Currency {
        let RawCurrency {
            header,
            code,
            minimum,
            maximum,
        } = raw;
        let maximum = self.required(maximum, &header, "maximum", "1_000_000", 1_000_000);
        Currency {
            code,
            minimum: default::PAYMENTS_MINIMUM.unless(minimum),
            maximum,
        }
    }

    fn merchant(&mut self, raw: RawMerchant) -> Merchant {
        let RawMerchant { id, status } = raw;
        let status = self.choice(status, choices::MERCHANT_STATUSES);
        Merchant {
            id,
            status: default::PAYMENTS_MERCHANT_STATUS.unless_text(status),
        }
    }
}

pub fn migration(raw: RawMigration) -> Migration {
    let RawMigration { snapshot } = raw;
    Migration { snapshot }
}

fn usual_currency((code, minimum, maximum): (&str, u32, u32)) -> Currency {
    const USUAL: Origin = Origin::Default("payments.currencies");
    Currency {
        code: Value::new(code.to_owned(), USUAL),
        minimum: Value::new(minimum, USUAL),
        maximum: Value::new(maximum, USUAL),
    }
}

#[cfg(test)]
mod tests {
    use super::CURRENCIES;
    use crate::catalogue::currencies;

    #[test]
    fn usual_currencies_are_of_the_list() {
        for (code, minimum, maximum) in CURRENCIES {
            assert!(currencies().any(|known| known == code), "{code}");
            assert!(0 < minimum && minimum < maximum, "{code}");
        }
    }
}
