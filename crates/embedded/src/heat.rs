//! How hot the processor is, by the temperatures that Linux tells and the limits that the machine's maker set.

use std::path::Path;

use ambit_domain::port::Heat;

/// Where Linux keeps a folder for each place whose temperature it knows. Other systems have none, and are never hot.
pub(crate) const ZONES: &str = "/sys/class/thermal";

/// Temperatures are thousandths of a degree Celsius.
const DEGREE: i64 = 1000;
/// No place in a machine that runs is hotter: such a number is a sensor that is off.
const HIGHEST: i64 = 150 * DEGREE;
/// No processor is slowed down below it: the firmware left such a limit unset, and it would stop all work for good.
const LOWEST_LIMIT: i64 = 40 * DEGREE;
/// More limits than any zone has.
const MOST_LIMITS: usize = 64;

/// The heat of the hottest zone in a folder that is laid out like [`ZONES`]: in each zone `temp`, and for each of its
/// limits `trip_point_<number>_type` and `trip_point_<number>_temp`.
///
/// A zone counts by the lowest temperature at which the system slows the machine down (`passive`): from there on it is
/// hot, and warm from 10 degrees below. Without one it counts by the temperature at which the system warns or switches
/// the machine off (`hot`, `critical`): hot from 10 degrees below, warm from 20. Zones without such limits, and numbers
/// that make no sense, do not count.
pub(crate) fn read(zones: &Path) -> Heat {
    let Ok(entries) = std::fs::read_dir(zones) else { return Heat::Normal };
    let zones = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("thermal_zone"));
    zones.filter_map(|zone| heat_of(&zone.path())).max().unwrap_or_default()
}

fn heat_of(zone: &Path) -> Option<Heat> {
    let now = temperature(&zone.join("temp"))?;
    let (mut slows, mut ends): (Option<i64>, Option<i64>) = (None, None);
    for number in 0..MOST_LIMITS {
        let Ok(kind) = std::fs::read_to_string(zone.join(format!("trip_point_{number}_type"))) else { break };
        let limit = match kind.trim() {
            "passive" => &mut slows,
            "hot" | "critical" => &mut ends,
            _ => continue,
        };
        let told = temperature(&zone.join(format!("trip_point_{number}_temp")));
        *limit = lower(*limit, told.filter(|told| *told >= LOWEST_LIMIT));
    }
    let hot = slows.or(ends.map(|ends| ends - 10 * DEGREE))?;
    let warm = hot - 10 * DEGREE;
    Some(if now >= hot {
        Heat::Hot
    } else if now >= warm {
        Heat::Warm
    } else {
        Heat::Normal
    })
}

fn lower(left: Option<i64>, right: Option<i64>) -> Option<i64> {
    left.into_iter().chain(right).min()
}

/// `None` when the sensor says nothing, or nothing that makes sense: some tell 0 or less for what they do not have.
fn temperature(file: &Path) -> Option<i64> {
    let told: i64 = std::fs::read_to_string(file).ok()?.trim().parse().ok()?;
    (1..=HIGHEST).contains(&told).then_some(told)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    /// Adds a zone to a folder, with its limits.
    fn add(zones: &Path, name: &str, temperature: &str, limits: &[(&str, &str)]) {
        let zone = zones.join(name);
        std::fs::create_dir(&zone).unwrap();
        std::fs::write(zone.join("temp"), format!("{temperature}\n")).unwrap();
        for (number, (kind, limit)) in limits.iter().enumerate() {
            std::fs::write(zone.join(format!("trip_point_{number}_type")), format!("{kind}\n")).unwrap();
            std::fs::write(zone.join(format!("trip_point_{number}_temp")), format!("{limit}\n")).unwrap();
        }
    }

    fn heat(temperature: &str, limits: &[(&str, &str)]) -> Heat {
        let zones = tempfile::tempdir().unwrap();
        add(zones.path(), "thermal_zone0", temperature, limits);
        read(zones.path())
    }

    #[test]
    fn a_zone_is_hot_where_the_system_slows_it_down() {
        let limits = [("critical", "105000"), ("passive", "97000"), ("active", "50000"), ("passive", "95000")];
        for (temperature, expected) in [
            ("27800", Heat::Normal),
            ("84999", Heat::Normal),
            ("85000", Heat::Warm),
            ("94999", Heat::Warm),
            ("95000", Heat::Hot),
            ("104000", Heat::Hot),
        ] {
            assert_eq!(heat(temperature, &limits), expected, "at {temperature}");
        }
    }

    #[test]
    fn without_such_a_limit_the_distance_to_the_end_counts() {
        let limits = [("hot", "98000"), ("critical", "100000")];
        for (temperature, expected) in [
            ("77999", Heat::Normal),
            ("78000", Heat::Warm),
            ("87999", Heat::Warm),
            ("88000", Heat::Hot),
            ("99000", Heat::Hot),
        ] {
            assert_eq!(heat(temperature, &limits), expected, "at {temperature}");
        }
    }

    #[test]
    fn what_makes_no_sense_does_not_count() {
        let critical = ("critical", "100000");
        for nonsense in ["0", "-274000", "151000", "20800", "", "n/a"] {
            assert_eq!(heat("70000", &[("passive", nonsense), critical]), Heat::Normal, "a limit of {nonsense:?}");
            assert_eq!(heat("85000", &[("passive", nonsense), critical]), Heat::Warm, "a limit of {nonsense:?}");
            assert_eq!(heat("95000", &[("critical", nonsense)]), Heat::Normal, "a limit of {nonsense:?}");
        }
        for nonsense in ["0", "-5000", "255000", "", "n/a"] {
            assert_eq!(heat(nonsense, &[critical]), Heat::Normal, "a temperature of {nonsense:?}");
        }
        assert_eq!(heat("95000", &[]), Heat::Normal);
        assert_eq!(heat("95000", &[("active", "50000")]), Heat::Normal, "a fan that turns is no heat");
    }

    #[test]
    fn the_hottest_zone_counts_and_only_zones_do() {
        let zones = tempfile::tempdir().unwrap();
        assert_eq!(read(&zones.path().join("nowhere")), Heat::Normal, "another system");
        assert_eq!(read(zones.path()), Heat::Normal);
        add(zones.path(), "cooling_device0", "99000", &[("critical", "100000")]);
        add(zones.path(), "thermal_zone0", "40000", &[("critical", "100000")]);
        assert_eq!(read(zones.path()), Heat::Normal);
        add(zones.path(), "thermal_zone1", "92000", &[("passive", "100000")]);
        assert_eq!(read(zones.path()), Heat::Warm);
        add(zones.path(), "thermal_zone2", "not told", &[("passive", "90000")]);
        add(zones.path(), "thermal_zone10", "91000", &[("passive", "90000")]);
        assert_eq!(read(zones.path()), Heat::Hot);
    }
}
