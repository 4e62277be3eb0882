//! What a record says of the machine that it was made on.

use std::{env, fs};

use anyhow::{Context, Result};
use xtask::process::{command, printed};

/// The machine, and how busy it is.
pub struct Machine {
    /// The processor in words.
    pub processor: String,
    /// The same for the name of a file: vendor, family and model.
    pub kind: String,
    /// How many processors there are.
    processors: usize,
    /// The kernel and the compiler.
    software: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Result<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").context("needs Linux's /proc")?;
        let kernel = printed(&mut command("uname", ["-s", "-r"])).unwrap_or_default();
        let rustc = printed(&mut command("rustc", ["--version"])).unwrap_or_default();
        let [processor, kind] = processor(&cpuinfo);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { processor, kind, processors, software: format!("{kernel}, {rustc}") })
    }

    /// One sentence about it.
    pub fn told(&self) -> String {
        let Self { processor, processors, software, .. } = self;
        format!("{processors} processors: {processor}. {software}.")
    }
}

/// How many threads have wanted to run, on average over the last minute.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// A processor in words and as a name, from what the kernel tells of it.
fn processor(cpuinfo: &str) -> [String; 2] {
    let value = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.split(':').next().map(str::trim) == Some(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let Some(model_name) = value("model name") else {
        return [env::consts::ARCH; 2].map(str::to_owned);
    };
    let number = |name| value(name).unwrap_or_else(|| "?".to_owned());
    let (family, model) = (number("cpu family"), number("model"));
    let vendor = match value("vendor_id").as_deref() {
        Some("AuthenticAMD") => "amd",
        Some("GenuineIntel") => "intel",
        _ => env::consts::ARCH,
    };
    [format!("{model_name}, family {family}, model {model}"), format!("{vendor}-{family}-{model}")]
}

#[cfg(test)]
mod tests {
    use super::processor;

    #[test]
    fn processors_are_named_by_vendor_family_and_model() {
        let cpuinfo = "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 207\n\
                       model name\t: Xeon: gold\n";
        assert_eq!(processor(cpuinfo), ["Xeon: gold, family 6, model 207", "intel-6-207"]);
    }

    #[test]
    fn what_the_kernel_does_not_tell_is_the_architecture() {
        assert_eq!(processor("CPU implementer : 0x41\n"), [std::env::consts::ARCH; 2]);
    }
}
