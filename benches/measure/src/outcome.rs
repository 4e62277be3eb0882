//! What can't be measured says so, and costs nothing else that is.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, anyhow};

/// What `measure` gives; its panic, if it panics, as an error.
///
/// What it was at work on is not to be used afterwards: a panic may have left it half done.
///
/// # Errors
///
/// Those of `measure`, and the message of its panic.
pub fn caught<T>(measure: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(measure)).unwrap_or_else(|panic| Err(anyhow!(message(&*panic))))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use anyhow::{Result, anyhow};

    use super::caught;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        let fixed = caught(|| -> Result<()> { panic!("needs 2 processors") });
        let formatted = caught(|| -> Result<()> { panic!("needs {} processors", 2) });
        for outcome in [fixed, formatted] {
            assert_eq!(outcome.unwrap_err().to_string(), "needs 2 processors");
        }
    }

    #[test]
    fn results_and_errors_are_passed_on() {
        assert_eq!(caught(|| Ok(7)).unwrap(), 7);
        assert_eq!(caught(|| -> Result<()> { Err(anyhow!("no")) }).unwrap_err().to_string(), "no");
    }
}
