//! Curves on logarithmic scales, each with its name at its end.

use std::fmt::Write;

use super::drawing::{COLOURS, Drawing, WIDTH};

/// Curves in one frame.
pub struct Lines {
    /// The heading.
    pub title: String,
    /// What is told below the horizontal axis.
    pub across: &'static str,
    /// The places that are marked there.
    pub places: Vec<f64>,
    /// The curves, by their names: points, in nanoseconds upwards.
    pub curves: Vec<(String, Vec<(f64, f64)>)>,
}

const HEIGHT: f64 = 460.0;
const LEFT: f64 = 76.0;
/// Room for names to the right of the curves.
const NAMES: f64 = 210.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 56.0;
/// How far apart names are at least.
const APART: f64 = 17.0;
/// Dashes tell neighbours apart without colours.
const DASHES: [&str; 3] = ["", "8 4", "2 4"];

impl Lines {
    /// The picture.
    pub fn svg(&self) -> String {
        let mut drawing = Drawing::new(&self.title, HEIGHT, |part, [colour, _]| {
            format!(
                ".line{part}{{stroke:{colour};fill:none;stroke-width:2}}.dot{part}{{fill:{colour}}}"
            )
        });
        let (right, floor) = (WIDTH - NAMES, HEIGHT - BOTTOM);
        let across = Scale::of(self.places.iter().copied(), [LEFT, right]);
        let values = self.curves.iter().flat_map(|(_, points)| points.iter().map(|point| point.1));
        let up = Scale::of(values.flat_map(decades), [floor, TOP]);

        for (power, y) in up.decades() {
            drawing.line(&line("axis", [LEFT, y], [right, y]));
            drawing.text("small end", LEFT - 8.0, y + 4.0, &time(power));
        }
        for place in &self.places {
            let x = across.at(*place);
            drawing.line(&line("axis", [x, floor], [x, floor + 5.0]));
            drawing.text("small middle", x, floor + 20.0, &count(*place));
        }
        drawing.text("small middle", f64::midpoint(LEFT, right), floor + 42.0, self.across);

        let mut ends = Vec::new();
        for (part, (name, points)) in self.curves.iter().enumerate() {
            let points: Vec<[f64; 2]> =
                points.iter().map(|(x, y)| [across.at(*x), up.at(*y)]).collect();
            let Some(end) = points.last() else { continue };
            ends.push((part, name, *end));
            drawing.line(&curve(part, &points));
            for [x, y] in points {
                let part = part % COLOURS.len();
                drawing.line(&format!(
                    "<circle class=\"dot{part}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
                ));
            }
        }
        ends.sort_by(|one, other| one.2[1].total_cmp(&other.2[1]));
        let mut least = TOP - APART;
        // From above; who has no room left below is moved up again with all that are in the way.
        let mut heights: Vec<f64> = ends
            .iter()
            .map(|(.., [_, y])| {
                least = y.max(least + APART);
                least
            })
            .collect();
        let mut most = floor + APART;
        for height in heights.iter_mut().rev() {
            *height = height.min(most - APART);
            most = *height;
        }
        for ((part, name, [x, y]), height) in ends.into_iter().zip(heights) {
            let colour = part % COLOURS.len();
            let (from, to) = ([x + 6.0, y], [right + 22.0, height]);
            drawing.line(&line("axis", from, to));
            drawing.line(&format!(
                "<circle class=\"dot{colour}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"/>",
                right + 26.0,
                height
            ));
            drawing.text("small", right + 34.0, height + 4.0, name);
        }
        drawing.svg()
    }
}

/// A logarithmic scale.
struct Scale {
    values: [f64; 2],
    places: [f64; 2],
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>, places: [f64; 2]) -> Self {
        let (least, most) = values
            .fold((f64::MAX, f64::MIN_POSITIVE), |(l, m), value| (l.min(value), m.max(value)));
        // One value alone, or none, is in the middle.
        if least >= most {
            return Self { values: [most / 10.0, most * 10.0], places };
        }
        Self { values: [least, most], places }
    }

    fn at(&self, value: f64) -> f64 {
        let [least, most] = self.values.map(f64::ln);
        let [from, to] = self.places;
        from + (value.ln() - least) / (most - least) * (to - from)
    }

    /// The powers of ten on it, and where they are.
    fn decades(&self) -> Vec<(f64, f64)> {
        let [least, most] = self.values.map(|value| value.log10().round() as i32);
        (least..=most)
            .map(|power| 10_f64.powi(power))
            .map(|value| (value, self.at(value)))
            .collect()
    }
}

/// The powers of ten below and above.
fn decades(value: f64) -> [f64; 2] {
    [value.log10().floor(), value.log10().ceil()].map(|power| 10_f64.powf(power))
}

fn line(class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> String {
    format!("<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>")
}

fn curve(part: usize, points: &[[f64; 2]]) -> String {
    let mut path = String::new();
    for [x, y] in points {
        write!(path, "{x:.1},{y:.1} ").expect("a string takes it");
    }
    let (colour, dashes) = (part % COLOURS.len(), DASHES[part % DASHES.len()]);
    format!(
        "<polyline class=\"line{colour}\" stroke-dasharray=\"{dashes}\" points=\"{}\"/>",
        path.trim_end()
    )
}

/// Nanoseconds in the unit that has the fewest zeros.
fn time(nanoseconds: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
    let (unit, name) =
        units.into_iter().find(|(unit, _)| nanoseconds >= *unit).unwrap_or((1.0, "ns"));
    format!("{} {name}", nanoseconds / unit)
}

/// A round number in few letters: of 1024s where it is a power of two beyond a thousand.
fn count(number: f64) -> String {
    let whole = number as u64;
    match whole {
        0..1000 => whole.to_string(),
        _ if whole.is_power_of_two() && whole < 1 << 20 => format!("{} Ki", whole >> 10),
        _ if whole.is_power_of_two() => format!("{} Mi", whole >> 20),
        1000..1_000_000 => format!("{},000", whole / 1000),
        _ => format!("{} million", whole / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, count, time};

    fn picture() -> String {
        Lines {
            title: "with <angles>".to_owned(),
            across: "bytes",
            places: vec![1.0, 10.0, 100.0],
            curves: vec![
                ("steep".to_owned(), vec![(1.0, 10.0), (10.0, 100.0), (100.0, 1000.0)]),
                ("flat".to_owned(), vec![(1.0, 10.0), (100.0, 10.0)]),
                ("cut short".to_owned(), vec![(1.0, 990.0)]),
                ("not measured".to_owned(), vec![]),
            ],
        }
        .svg()
    }

    #[test]
    fn equal_factors_are_equal_distances() {
        let svg = picture();
        assert!(svg.contains("points=\"76.0,404.0 363.0,228.0 650.0,52.0\""), "{svg}");
        assert!(svg.contains("points=\"76.0,404.0 650.0,404.0\""), "{svg}");
    }

    #[test]
    fn every_curve_that_there_is_has_its_name_and_no_two_overlap() {
        let svg = picture();
        let names = svg.lines().filter(|line| line.contains("<text class=\"small\""));
        let mut heights: Vec<f64> = names
            .map(|line| {
                line.split("y=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
            })
            .collect();
        heights.sort_by(f64::total_cmp);
        assert_eq!(heights.len(), 3, "{svg}");
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= 16.9), "{heights:?}");
        assert!(svg.contains("with &lt;angles&gt;") && !svg.contains("<script"), "{svg}");
    }

    #[test]
    fn units_are_those_with_the_fewest_zeros() {
        assert_eq!([1.0, 100.0, 1000.0, 1e7].map(time), ["1 ns", "100 ns", "1 µs", "10 ms"]);
        let numbers = [8.0, 1024.0, 1_048_576.0, 10_000.0, 1e6];
        assert_eq!(numbers.map(count), ["8", "1 Ki", "1 Mi", "10,000", "1 million"]);
    }
}
