//! The export of a storage class analysis: its age groups and its lines.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html>

/// The first line of an export.
pub const HEADER: &str = "Date,ConfigId,Filter,StorageClass,ObjectAge,ObjectCount,DataUploaded_MB,Storage_MB,\
                                 DataRetrieved_MB,GetRequestCount,CumulativeAccessRatio,ObjectAgeForSIATransition,\
                                 RecommendedObjectAgeForSIATransition";
/// The age groups: the first day of each, and its name.
const GROUPS: [(i64, &str); 12] = [
    (0, "000-014"),
    (15, "015-029"),
    (30, "030-044"),
    (45, "045-059"),
    (60, "060-074"),
    (75, "075-089"),
    (90, "090-119"),
    (120, "120-149"),
    (150, "150-179"),
    (180, "180-364"),
    (365, "365-729"),
    (730, "730+"),
];
/// The number of the group of all objects, which is the last one of an export.
pub const ALL: u8 = GROUPS.len() as u8;
/// Objects below this size are in no group but that of all.
const MINIMUM_BYTES: u64 = 128 << 10;
const MEGABYTE: f64 = 1_048_576.0;

/// The groups of an object by its size and age, that of all among them.
pub fn groups(size: u64, age_days: i64) -> impl Iterator<Item = u8> {
    let group = GROUPS.iter().rposition(|(first, _)| age_days >= *first).unwrap_or(0);
    let group = (size >= MINIMUM_BYTES).then_some(group as u8);
    group.into_iter().chain([ALL])
}

/// What a day was like for the objects of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Objects that were there.
    pub objects: u64,
    /// Bytes that they held.
    pub stored: u64,
    /// Bytes that were written.
    pub uploaded: u64,
    /// Bytes that were read.
    pub retrieved: u64,
    /// Reads.
    pub requests: u64,
}

/// What a day was like for the objects of a storage class, by group.
pub type Usages = [Usage; GROUPS.len() + 1];

/// The lines of a day: for each group its number, and the text.
pub fn lines(date: &str, id: &str, storage_class: &str, usages: &Usages) -> Vec<(u8, String)> {
    let line = |(group, usage): (usize, &Usage)| {
        let is_all = group == usize::from(ALL);
        let age = GROUPS.get(group).map_or("ALL", |(_, name)| name);
        // Counts of objects and uploads are told of all objects only.
        let (objects, uploaded) = match is_all {
            true => (usage.objects.to_string(), megabytes(usage.uploaded)),
            false => (String::new(), String::new()),
        };
        let ratio = access_ratio(usages, group).map(|ratio| format!("{ratio:.6}")).unwrap_or_default();
        let (stored, retrieved) = (megabytes(usage.stored), megabytes(usage.retrieved));
        let requests = usage.requests;
        // AWS does not tell how it finds the age for a transition.
        let text = format!(
            "{date},{id},,{storage_class},{age},{objects},{uploaded},{stored},{retrieved},{requests},{ratio},,"
        );
        (group as u8, text)
    };
    usages.iter().enumerate().map(line).collect()
}

fn megabytes(bytes: u64) -> String {
    format!("{:.6}", bytes as f64 / MEGABYTE)
}

/// How much of what is stored was read: of the group and all older ones.
fn access_ratio(usages: &Usages, group: usize) -> Option<f64> {
    let counted = if group == usize::from(ALL) { &usages[group..] } else { &usages[group..usize::from(ALL)] };
    let stored: u64 = counted.iter().map(|usage| usage.stored).sum();
    let retrieved: u64 = counted.iter().map(|usage| usage.retrieved).sum();
    (stored > 0).then(|| retrieved as f64 / stored as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_have_groups_by_their_age() {
        let check = |size, days, expected: &[u8]| {
            assert_eq!(groups(size, days).collect::<Vec<_>>(), expected, "{size} {days}");
        };
        check(1 << 20, 0, &[0, ALL]);
        check(1 << 20, 14, &[0, ALL]);
        check(1 << 20, 15, &[1, ALL]);
        check(1 << 20, 364, &[9, ALL]);
        check(1 << 20, 9000, &[11, ALL]);
        check(1000, 40, &[ALL]);
    }

    #[test]
    fn lines_tell_what_is_read_of_what_is_stored() {
        let mut usages = Usages::default();
        let usage = Usage { objects: 1, stored: 2 << 20, uploaded: 0, retrieved: 1 << 20, requests: 3 };
        usages[1] = usage;
        usages[usize::from(ALL)] = usage;
        let lines = lines("2030-01-01", "c", "STANDARD", &usages);
        assert_eq!(lines.len(), 13);
        assert_eq!(lines[0].1, "2030-01-01,c,,STANDARD,000-014,,,0.000000,0.000000,0,0.500000,,");
        assert_eq!(lines[2].1, "2030-01-01,c,,STANDARD,030-044,,,0.000000,0.000000,0,,,");
        assert_eq!(lines[12].1, "2030-01-01,c,,STANDARD,ALL,1,0.000000,2.000000,1.000000,3,0.500000,,");
        assert_eq!(lines[12].1.split(',').count(), HEADER.split(',').count());
    }
}
