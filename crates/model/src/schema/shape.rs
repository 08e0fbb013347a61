//! A shape: kind, constraints, members.

use std::cell::Cell;

use virga_model_compiler::layout::{header, kind, shape, shape_flag};

use super::service::find;
use super::{Kind, Member, Service, Shape, TimestampFormat};

const GUESSES_BITS: u32 = 9;

/// What a name meant the last time.
#[derive(Clone, Copy)]
struct Guess {
    name: &'static [u8],
    /// Its shape: the address of the model, and the row.
    model: usize,
    row: u32,
    ordinal: u32,
}

const NO_GUESS: Guess = Guess { name: b"", model: 0, row: 0, ordinal: 0 };

thread_local! {
    /// Ordinals of members that were asked for by name: a handler asks for dozens with every call, mostly the same. What
    /// is remembered is compared before it is believed.
    static GUESSES: [[Cell<Guess>; 2]; 1 << GUESSES_BITS] =
        const { [const { [const { Cell::new(NO_GUESS) }; 2] }; 1 << GUESSES_BITS] };
}

impl Shape {
    #[inline]
    fn word(self, word: usize) -> u32 {
        self.service.row_word(header::SHAPES, shape::WORDS, self.row, word)
    }

    #[inline]
    fn has(self, flag: u32) -> bool {
        self.word(shape::FLAGS) & flag != 0
    }

    fn bound(self, at: usize, flag: u32) -> Option<f64> {
        let bits = u64::from(self.word(at)) | u64::from(self.word(at + 1)) << 32;
        self.has(flag).then(|| f64::from_bits(bits))
    }

    /// The service it belongs to.
    pub fn service(self) -> Service {
        self.service
    }

    /// Its number in the service.
    pub fn index(self) -> u32 {
        self.row
    }

    /// Name.
    pub fn name(self) -> &'static str {
        self.service.text(self.word(shape::NAME))
    }

    /// What it is.
    #[inline]
    pub fn kind(self) -> Kind {
        match self.word(shape::KIND) {
            kind::STRUCTURE => Kind::Structure,
            kind::LIST => Kind::List,
            kind::MAP => Kind::Map,
            kind::INTEGER => Kind::Integer,
            kind::LONG => Kind::Long,
            kind::FLOAT => Kind::Float,
            kind::DOUBLE => Kind::Double,
            kind::BOOLEAN => Kind::Boolean,
            kind::TIMESTAMP => Kind::Timestamp,
            kind::BLOB => Kind::Blob,
            kind::DOCUMENT => Kind::Document,
            _ => Kind::String,
        }
    }

    /// Number of members: 1 for a list, 2 for a map.
    pub fn member_count(self) -> usize {
        self.word(shape::MEMBERS + 1) as usize
    }

    /// Members in the order of the model, which is the order of their ordinals.
    pub fn members(self) -> impl ExactSizeIterator<Item = Member> + DoubleEndedIterator {
        let start = self.word(shape::MEMBERS);
        (start..start + self.word(shape::MEMBERS + 1)).map(move |row| Member { service: self.service, row })
    }

    /// The member with this ordinal.
    pub fn member(self, ordinal: usize) -> Option<Member> {
        let row = self.word(shape::MEMBERS) + u32::try_from(ordinal).ok()?;
        (ordinal < self.member_count()).then_some(Member { service: self.service, row })
    }

    /// Ordinal and member of a structure by wire name (JSON key, XML element, header name as the model spells it).
    #[inline]
    pub fn member_by_wire_name(self, name: &str) -> Option<(usize, Member)> {
        self.sorted_member(shape::BY_WIRE_NAME, name, Member::wire_name_bytes)
    }

    /// Ordinal and member of a structure by its name in the API.
    pub fn member_by_name(self, name: &str) -> Option<(usize, Member)> {
        let ordinal = self.ordinal_by_name(name)?;
        Some((ordinal, self.member(ordinal)?))
    }

    /// Ordinal of a member of a structure by its name in the API.
    pub fn ordinal_by_name(self, name: &str) -> Option<usize> {
        let model = self.service.bytes.as_ptr().addr();
        GUESSES.with(|guesses| {
            let [latest, before] = &guesses[self.place_of_guess(name)];
            let is_right = |guess: &Guess| {
                guess.model == model && guess.row == self.row && guess.name == name.as_bytes()
            };
            if let Some(guess) = [latest.get(), before.get()].into_iter().find(is_right) {
                return Some(guess.ordinal as usize);
            }
            let (ordinal, member) = self.sorted_member(shape::BY_NAME, name, Member::name_bytes)?;
            let found = u32::try_from(ordinal).ok()?;
            before.set(latest.replace(Guess {
                name: member.name_bytes(),
                model,
                row: self.row,
                ordinal: found,
            }));
            Some(ordinal)
        })
    }

    /// Where the ordinal lies that a name had the last time. Names are literals of the program, so that their address
    /// tells them apart; should it not, the guess is wrong, and nothing else.
    #[inline]
    fn place_of_guess(self, name: &str) -> usize {
        let mixed =
            (name.as_ptr().addr() as u64 ^ u64::from(self.row) << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> (u64::BITS - GUESSES_BITS)) as usize
    }

    /// Looks a member up in a list of ordinals that is sorted by `name_of`.
    #[inline]
    fn sorted_member(
        self,
        list: usize,
        name: &str,
        name_of: impl Fn(Member) -> &'static [u8],
    ) -> Option<(usize, Member)> {
        let start = self.word(shape::MEMBERS);
        let base = self.service.word(header::LISTS) / 4 + self.word(list);
        let ordinal = |place: u32| self.service.word((base + place) as usize);
        let member = |place: u32| Member { service: self.service, row: start + ordinal(place) };
        let place = find(self.word(shape::MEMBERS + 1), |place| name_of(member(place)).cmp(name.as_bytes()))?;
        Some((ordinal(place) as usize, member(place)))
    }

    /// The element of a list.
    pub fn list_member(self) -> Member {
        Member { service: self.service, row: self.word(shape::MEMBERS) }
    }

    /// The key of a map.
    pub fn map_key(self) -> Member {
        Member { service: self.service, row: self.word(shape::MEMBERS) }
    }

    /// The value of a map.
    pub fn map_value(self) -> Member {
        Member { service: self.service, row: self.word(shape::MEMBERS) + 1 }
    }

    /// Values of an enum, in the order of the model; empty when it is none.
    pub fn enum_values(self) -> impl ExactSizeIterator<Item = &'static str> + Clone {
        let service = self.service;
        service
            .list(self.word(shape::ENUM), self.word(shape::ENUM + 1))
            .map(move |offset| service.text(offset))
    }

    /// Whether the value itself is constrained, whatever its members are.
    #[inline]
    pub fn is_constrained(self) -> bool {
        self.has(shape_flag::CONSTRAINED)
    }

    /// Smallest number, length or count.
    pub fn min(self) -> Option<f64> {
        self.bound(shape::MIN, shape_flag::MIN)
    }

    /// Largest number, length or count.
    pub fn max(self) -> Option<f64> {
        self.bound(shape::MAX, shape_flag::MAX)
    }

    /// Regular expression that a string matches as a whole.
    pub fn pattern(self) -> Option<&'static str> {
        self.service.optional(self.word(shape::PATTERN))
    }

    /// Ordinal of the member that is the whole body.
    pub fn payload(self) -> Option<usize> {
        (self.word(shape::PAYLOAD) as usize).checked_sub(1)
    }

    /// An error's code in the query protocol, when it differs from the shape's name.
    pub fn error_code(self) -> Option<&'static str> {
        self.service.optional(self.word(shape::ERROR_CODE))
    }

    /// An error's HTTP status, when the model names one.
    pub fn error_status(self) -> Option<u16> {
        u16::try_from(self.word(shape::ERROR_STATUS)).ok().filter(|status| *status != 0)
    }

    /// Whether it is an error.
    pub fn is_exception(self) -> bool {
        self.has(shape_flag::EXCEPTION)
    }

    /// Whether it is an error of the server.
    pub fn is_fault(self) -> bool {
        self.has(shape_flag::FAULT)
    }

    /// Whether the model marks an error as the sender's.
    pub fn is_sender_fault(self) -> bool {
        self.has(shape_flag::SENDER_FAULT)
    }

    /// Whether exactly one member is set.
    pub fn is_union(self) -> bool {
        self.has(shape_flag::UNION)
    }

    /// Whether its value must not be logged.
    pub fn is_sensitive(self) -> bool {
        self.has(shape_flag::SENSITIVE)
    }

    /// Whether a list or map has no element of its own around it.
    pub fn is_flattened(self) -> bool {
        self.has(shape_flag::FLATTENED)
    }

    /// Whether it is an event stream.
    pub fn is_event_stream(self) -> bool {
        self.has(shape_flag::EVENT_STREAM)
    }

    /// Whether it is a streamed blob.
    pub fn is_streaming(self) -> bool {
        self.has(shape_flag::STREAMING)
    }

    /// Format set on the timestamp shape itself.
    pub fn timestamp_format(self) -> TimestampFormat {
        TimestampFormat::from_number(self.word(shape::TIMESTAMP))
    }

    /// `locationName` of the shape itself: the root element of an XML payload.
    pub fn location_name(self) -> Option<&'static str> {
        self.service.optional(self.word(shape::LOCATION_NAME))
    }

    /// XML namespace of the shape itself: URI and prefix.
    pub fn xml_namespace(self) -> Option<(&'static str, Option<&'static str>)> {
        let uri = self.service.optional(self.word(shape::XML_NAMESPACE))?;
        Some((uri, self.service.optional(self.word(shape::XML_PREFIX))))
    }
}
