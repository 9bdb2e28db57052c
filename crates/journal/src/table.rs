//! What recovery does in every case: a total table from what is found to what is done.

/// Why the walk over the entries of the log ends where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// There is no segment.
    NoSegment,
    /// Zeros to the end of the last segment.
    Zeros,
    /// Bytes that are no whole record.
    Broken,
    /// A record whose CRC holds, with an index other than the next.
    Index,
    /// A record whose CRC holds, with a link that does not continue the chain.
    Link,
    /// A segment whose header is no header.
    Header,
    /// A segment of another version of the format.
    Version,
    /// A segment of another venue.
    Venue,
    /// A segment whose name and header differ in the first entry.
    Name,
    /// A segment that is shorter or longer than its header says.
    Length,
    /// A segment that begins after the entry that comes next.
    Gap,
    /// A segment that begins with an entry that was there already.
    Again,
    /// A segment that begins with the right entry and does not continue the chain.
    Joint,
    /// A sound snapshot has another link than the log at its entry.
    Snapshot,
}

/// What proves that the entry which the walk misses had been on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Witness {
    /// Nothing.
    None,
    /// A later record of the same segment, written after a sync of the missing entry.
    Record,
    /// A later segment: one is begun only when all before it is on the disk.
    Segment,
    /// A sound snapshot of the missing entry or a later one.
    Snapshot,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// An empty directory.
    New,
    /// A log that ends in zeros.
    Clean,
    /// A last commit that is not whole.
    Torn,
    /// An entry that was acknowledged is damaged: a later record proves it.
    DamagedBefore,
    /// An entry that was acknowledged is damaged: a later segment proves it.
    DamagedSegment,
    /// A snapshot knows entries that the log has not.
    SnapshotAhead,
    /// [`Stop::Snapshot`].
    SnapshotLink,
    /// [`Stop::Index`].
    Index,
    /// [`Stop::Link`].
    Link,
    /// [`Stop::Header`].
    Header,
    /// [`Stop::Version`].
    Version,
    /// [`Stop::Venue`].
    Venue,
    /// [`Stop::Name`].
    Name,
    /// [`Stop::Length`].
    Length,
    /// [`Stop::Gap`].
    Gap,
    /// [`Stop::Again`].
    Again,
    /// [`Stop::Joint`].
    Joint,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Make the first segment.
    Create,
    /// Go on after the last good record.
    Start,
    /// Write zeros over the torn end, report it, and go on: it was never acknowledged.
    Cut,
    /// Do not start, and change nothing.
    Refuse,
}

impl Stop {
    /// Every way for a walk to end.
    pub const ALL: [Self; 14] = [
        Self::NoSegment,
        Self::Zeros,
        Self::Broken,
        Self::Index,
        Self::Link,
        Self::Header,
        Self::Version,
        Self::Venue,
        Self::Name,
        Self::Length,
        Self::Gap,
        Self::Again,
        Self::Joint,
        Self::Snapshot,
    ];
}

impl Witness {
    /// Every witness, and that there is none.
    pub const ALL: [Self; 4] = [Self::None, Self::Record, Self::Segment, Self::Snapshot];
}

/// The row for what was found.
#[must_use]
pub fn judge(stop: Stop, witness: Witness) -> Row {
    match (stop, witness) {
        (Stop::NoSegment, Witness::None) => Row::New,
        (Stop::Zeros, Witness::None) => Row::Clean,
        (Stop::Broken, Witness::None) => Row::Torn,
        (Stop::NoSegment | Stop::Zeros | Stop::Broken, Witness::Record) => Row::DamagedBefore,
        (Stop::NoSegment | Stop::Zeros | Stop::Broken, Witness::Segment) => Row::DamagedSegment,
        (Stop::NoSegment | Stop::Zeros | Stop::Broken, Witness::Snapshot) => Row::SnapshotAhead,
        (Stop::Index, _) => Row::Index,
        (Stop::Link, _) => Row::Link,
        (Stop::Header, _) => Row::Header,
        (Stop::Version, _) => Row::Version,
        (Stop::Venue, _) => Row::Venue,
        (Stop::Name, _) => Row::Name,
        (Stop::Length, _) => Row::Length,
        (Stop::Gap, _) => Row::Gap,
        (Stop::Again, _) => Row::Again,
        (Stop::Joint, _) => Row::Joint,
        (Stop::Snapshot, _) => Row::SnapshotLink,
    }
}

/// A row in words.
struct Words {
    code: &'static str,
    found: &'static str,
    step: &'static str,
}

const COPY: &str = "restore the directory from a copy of the whole of it";

impl Row {
    /// Every row.
    pub const ALL: [Self; 17] = [
        Self::New,
        Self::Clean,
        Self::Torn,
        Self::DamagedBefore,
        Self::DamagedSegment,
        Self::SnapshotAhead,
        Self::SnapshotLink,
        Self::Index,
        Self::Link,
        Self::Header,
        Self::Version,
        Self::Venue,
        Self::Name,
        Self::Length,
        Self::Gap,
        Self::Again,
        Self::Joint,
    ];

    /// What is done.
    #[must_use]
    pub fn treatment(self) -> Treatment {
        match self {
            Self::New => Treatment::Create,
            Self::Clean => Treatment::Start,
            Self::Torn => Treatment::Cut,
            _ => Treatment::Refuse,
        }
    }

    /// A stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().code
    }

    /// What was found, in words that continue "segment at byte".
    #[must_use]
    pub fn found(self) -> &'static str {
        self.words().found
    }

    /// What whoever runs the host does next.
    #[must_use]
    pub fn step(self) -> &'static str {
        self.words().step
    }

    fn words(self) -> Words {
        let (code, found, step) = match self {
            Self::New => ("journal_new", "there is no segment and no snapshot", "nothing"),
            Self::Clean => ("journal_clean", "the log ends, and zeros follow", "nothing"),
            Self::Torn => (
                "journal_torn",
                "the last commit is not whole: a crash came before its sync returned",
                "nothing, unless there was no crash: then check the disk",
            ),
            Self::DamagedBefore => (
                "journal_damaged",
                "a record is damaged, and later ones were written when it was on the disk",
                COPY,
            ),
            Self::DamagedSegment => {
                ("journal_damaged_segment", "a record is damaged, and a later segment was begun", COPY)
            }
            Self::SnapshotAhead => {
                ("journal_snapshot_ahead", "the log ends, and a snapshot knows later entries", COPY)
            }
            Self::SnapshotLink => (
                "journal_snapshot_chain",
                "the log and a snapshot are of different histories",
                "put back whichever of the two does not belong here",
            ),
            Self::Index => ("journal_index", "a record has another index than the next", COPY),
            Self::Link => ("journal_chain", "a record does not continue the hash chain", COPY),
            Self::Header => ("journal_header", "the header of the segment is damaged", COPY),
            Self::Version => (
                "journal_version",
                "the segment is of another version of the format",
                "open it with the program that wrote it",
            ),
            Self::Venue => ("journal_venue", "the segment is of another venue", "name another directory"),
            Self::Name => (
                "journal_name",
                "the segment's name is not that of its first entry",
                "give it the name it had",
            ),
            Self::Length => ("journal_length", "the segment has another length than it was made with", COPY),
            Self::Gap => (
                "journal_missing",
                "entries are missing before this segment: one was removed, or its end is lost",
                COPY,
            ),
            Self::Again => (
                "journal_repeated",
                "the segment begins with an entry that an earlier one has",
                "remove whichever of the two does not belong here",
            ),
            Self::Joint => {
                ("journal_joint", "the segment does not continue the hash chain of those before", COPY)
            }
        };
        Words { code, found, step }
    }
}

#[cfg(test)]
mod tests;
