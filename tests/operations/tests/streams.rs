//! Messages that come piece by piece: the same as in one piece, in the format that is documented, and refused if anything
//! of them is missing or elsewhere.

use std::io::{self, ErrorKind, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use hkdf::Hkdf;
use proptest::prelude::*;
use sha2::Sha256;
use strongroom::{
    AEAD_SEGMENT_LEN, Aead, CloseOutcome, Error, Hmac, HmacStream, OpenStream, SealStream, Secret,
};

const AEADS: [Aead; 3] = [Aead::Aes256Gcm, Aead::ChaCha20Poly1305, Aead::XChaCha20Poly1305];
const HASHES: [Hmac; 3] = [Hmac::Sha256, Hmac::Sha384, Hmac::Sha512];
const SEGMENT: usize = AEAD_SEGMENT_LEN;
const DATA: &[u8] = b"which message this is";

/// Bytes of a header, and of the first segment's message.
fn lens(aead: Aead) -> (usize, usize) {
    let header = 1 + 32 + aead.nonce_len() - 5;
    (header, SEGMENT - header - 16)
}

fn key() -> Secret {
    Secret::try_from((0..32).collect::<Vec<u8>>()).expect("there is memory for a small secret")
}

fn message(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + at / 251) as u8).collect()
}

/// The lengths at which something changes.
fn edges(aead: Aead) -> Vec<usize> {
    let (_, first) = lens(aead);
    let second = first + SEGMENT - 16;
    [0, 1, first, second]
        .into_iter()
        .flat_map(|len| [len, len + 1, len.saturating_sub(1)])
        .collect()
}

fn sealed_in(mut stream: SealStream, pieces: &[&[u8]]) -> Vec<u8> {
    let mut sealed = Vec::new();
    for piece in pieces {
        sealed.extend(stream.update(piece).unwrap());
    }
    sealed.extend(stream.finish().unwrap());
    sealed
}

fn seal(aead: Aead, message: &[u8]) -> Vec<u8> {
    sealed_in(key().seal_stream(aead, DATA).unwrap(), &[message])
}

/// What a stream gives before it ends, and how it ends.
fn opened_in(mut stream: OpenStream, pieces: &[&[u8]]) -> (Vec<u8>, Option<Error>) {
    let mut opened = Vec::new();
    for piece in pieces {
        match stream.update(piece) {
            Ok(plaintext) => opened.extend_from_slice(&plaintext),
            Err(error) => {
                assert_eq!(stream.update(b"").err(), Some(error), "it is dead");
                assert_eq!(stream.finish().err(), Some(error), "it is dead");
                return (opened, Some(error));
            }
        }
    }
    match stream.finish() {
        Ok(plaintext) => {
            opened.extend_from_slice(&plaintext);
            (opened, None)
        }
        Err(error) => (opened, Some(error)),
    }
}

fn open(aead: Aead, sealed: &[u8]) -> (Vec<u8>, Option<Error>) {
    opened_in(key().open_stream(aead, DATA).unwrap(), &[sealed])
}

/// What another implementation needs: the derived key and the prefix of the nonces.
fn derived(aead: Aead, header: &[u8]) -> ([u8; 32], &[u8]) {
    let label: &[u8] = match aead {
        Aead::ChaCha20Poly1305 => b"ChaCha20-Poly1305\0",
        Aead::XChaCha20Poly1305 => b"XChaCha20-Poly1305\0",
        _ => b"",
    };
    let mut derived = [0; 32];
    let secret: Vec<u8> = (0..32).collect();
    let hkdf = Hkdf::<Sha256>::new(Some(&header[1..33]), &secret);
    hkdf.expand_multi_info(&[label, DATA], &mut derived).unwrap();
    (derived, &header[33..])
}

/// The segments of a sealed stream, as RustCrypto's `aead-stream` opens them.
macro_rules! opened_by_aead_stream {
    ($cipher:ty, $key:expr, $prefix:expr, $segments:expr) => {{
        let cipher = <$cipher>::new(&$key.into());
        let mut stream = DecryptorBE32::from_aead(cipher, $prefix.try_into().unwrap());
        let (last, inner) = $segments.split_last().unwrap();
        let mut opened = Vec::new();
        for segment in inner {
            opened.extend(stream.decrypt_next(*segment).unwrap());
        }
        opened.extend(stream.decrypt_last(*last).unwrap());
        opened
    }};
}

/// Header and segments, as RustCrypto's `aead-stream` seals them.
macro_rules! sealed_by_aead_stream {
    ($cipher:ty, $header:expr, $key:expr, $prefix:expr, $parts:expr) => {{
        let cipher = <$cipher>::new(&$key.into());
        let mut stream = EncryptorBE32::from_aead(cipher, $prefix.try_into().unwrap());
        let (last, inner) = $parts.split_last().unwrap();
        let mut sealed = $header.to_vec();
        for part in inner {
            sealed.extend(stream.encrypt_next(*part).unwrap());
        }
        sealed.extend(stream.encrypt_last(*last).unwrap());
        sealed
    }};
}

/// `bytes` in parts as long as segments are.
fn parts(bytes: &[u8], first: usize, others: usize) -> Vec<&[u8]> {
    let (front, rest) = bytes.split_at(first.min(bytes.len()));
    let mut parts = vec![front];
    parts.extend(rest.chunks(others));
    parts
}

#[test]
fn the_format_is_the_documented_one() {
    for aead in AEADS {
        let (header_len, first) = lens(aead);
        for len in edges(aead) {
            let message = message(len);
            let sealed = seal(aead, &message);
            let (header, segments) = sealed.split_at(header_len);
            assert_eq!(usize::from(header[0]), header_len);
            let segments = parts(segments, SEGMENT - header_len, SEGMENT);
            let (key, prefix) = derived(aead, header);
            let opened: Vec<u8> = match aead {
                Aead::Aes256Gcm => opened_by_aead_stream!(Aes256Gcm, key, prefix, segments),
                Aead::ChaCha20Poly1305 => {
                    opened_by_aead_stream!(ChaCha20Poly1305, key, prefix, segments)
                }
                _ => opened_by_aead_stream!(XChaCha20Poly1305, key, prefix, segments),
            };
            assert!(opened == message, "{aead:?}, {len}");

            let plain = parts(&message, first, SEGMENT - 16);
            let theirs: Vec<u8> = match aead {
                Aead::Aes256Gcm => sealed_by_aead_stream!(Aes256Gcm, header, key, prefix, plain),
                Aead::ChaCha20Poly1305 => {
                    sealed_by_aead_stream!(ChaCha20Poly1305, header, key, prefix, plain)
                }
                _ => sealed_by_aead_stream!(XChaCha20Poly1305, header, key, prefix, plain),
            };
            assert!(theirs == sealed, "{aead:?}, {len}");
            assert!(open(aead, &theirs) == (message, None), "{aead:?}, {len}");
        }
    }
}

/// What Tink 1.16.1 (PyPI `tink`) made with an `AesGcmHkdfStreamingKey` of segments of 65,536 bytes, a derived key of 32
/// bytes and SHA256.
#[test]
fn what_tink_seals_is_opened() {
    let sealed = hex::decode(
        "287c25765b06b0695d86e881af2251a7872429496d8e4d9140cb380113b326e0bfcf5e942a54a2fde670206c85fc8b\
         2fddefa59b0239c5c280cbe809cff8ae05986b58cd2d84",
    );
    let opened = open(Aead::Aes256Gcm, &sealed.unwrap());
    assert_eq!(opened, (b"attack at dawn".to_vec(), None));
}

#[test]
fn each_stream_has_a_salt_and_a_prefix_of_its_own() {
    for aead in AEADS {
        let (one, other) = (seal(aead, b""), seal(aead, b""));
        let (header_len, _) = lens(aead);
        assert_ne!(one[1..33], other[1..33]);
        assert_ne!(one[33..header_len], other[33..header_len]);
    }
}

#[test]
fn what_is_missing_elsewhere_or_changed_is_refused() {
    for aead in AEADS {
        let sealed = seal(aead, &message(3 * SEGMENT + 100));
        let segments: Vec<&[u8]> = sealed.chunks(SEGMENT).collect();
        assert_eq!(segments.len(), 4);
        assert_eq!(open(aead, &segments.concat()).1, None, "as it was sealed");
        let [a, b, c, d] = segments[..] else { unreachable!() };
        let refused: [(&str, Vec<&[u8]>); 9] = [
            ("the second and the third change places", vec![a, c, b, d]),
            ("the second comes twice", vec![a, b, b, c, d]),
            ("the second is missing", vec![a, c, d]),
            ("the first is missing", vec![b, c, d]),
            ("the end is missing", vec![a, b, c]),
            ("the last comes earlier", vec![a, d]),
            ("something follows", vec![a, b, c, d, &[0]]),
            ("the last one is cut", vec![a, b, c, &d[..d.len() - 1]]),
            ("it ends in a header", vec![&a[..20]]),
        ];
        for (what, pieces) in refused {
            let (opened, error) = open(aead, &pieces.concat());
            assert_eq!(error, Some(Error::NotAuthentic), "{aead:?}: {what}");
            assert!(message(3 * SEGMENT + 100).starts_with(&opened), "{aead:?}: {what}");
        }
        assert_eq!(open(aead, b"").1, Some(Error::NotAuthentic), "nothing is no stream");
        let (header_len, _) = lens(aead);
        for at in [0, 1, 32, 33, header_len - 1, header_len, SEGMENT, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(aead, &changed).1, Some(Error::NotAuthentic), "{aead:?}: byte {at}");
        }
        let other = key().open_stream(aead, b"another message").unwrap();
        assert_eq!(opened_in(other, &[&sealed]), (Vec::new(), Some(Error::NotAuthentic)));
        let other = Secret::random(32).unwrap().open_stream(aead, DATA).unwrap();
        assert_eq!(opened_in(other, &[&sealed]), (Vec::new(), Some(Error::NotAuthentic)));
        for other in AEADS.into_iter().filter(|other| *other != aead) {
            assert_eq!(open(other, &sealed), (Vec::new(), Some(Error::NotAuthentic)));
        }
    }
}

/// The control: without numbers in the nonces, as with segments that are each sealed by itself, nobody notices.
#[test]
fn without_a_stream_segments_change_places() {
    let key = key();
    let seal = |part: &[u8]| key.seal_aead(Aead::Aes256Gcm, part, DATA).unwrap();
    let open = |part: &[u8]| key.open_aead(Aead::Aes256Gcm, part, DATA).map(|part| part.to_vec());
    let (one, other) = (seal(b"one"), seal(b"other"));
    assert_eq!([open(&other), open(&one)], [Ok(b"other".to_vec()), Ok(b"one".to_vec())]);
}

/// What a stream would give if it gave what it hasn't authenticated: nothing of a changed segment comes out.
#[test]
fn nothing_comes_out_of_a_changed_segment() {
    let mut sealed = seal(Aead::Aes256Gcm, &message(2 * SEGMENT));
    *sealed.last_mut().unwrap() ^= 1;
    let (_, first) = lens(Aead::Aes256Gcm);
    let (opened, error) = opened_in(
        key().open_stream(Aead::Aes256Gcm, DATA).unwrap(),
        &sealed.chunks(1000).collect::<Vec<_>>(),
    );
    assert_eq!(error, Some(Error::NotAuthentic));
    assert!(opened == message(2 * SEGMENT)[..first + SEGMENT - 16]);
}

fn tag_of(key: &Secret, hash: Hmac, message: &[u8]) -> Vec<u8> {
    match hash {
        Hmac::Sha384 => key.hmac_sha384(message).unwrap().to_vec(),
        Hmac::Sha512 => key.hmac_sha512(message).unwrap().to_vec(),
        _ => key.hmac_sha256(message).unwrap().to_vec(),
    }
}

fn fed(key: &Secret, hash: Hmac, pieces: &[&[u8]]) -> HmacStream {
    let mut stream = key.hmac_stream(hash).unwrap();
    for piece in pieces {
        stream.update(piece).unwrap();
    }
    stream
}

/// Splits `bytes` at these places.
fn split<'b>(mut bytes: &'b [u8], places: &[prop::sample::Index]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    for place in places {
        let (front, rest) = bytes.split_at(place.index(bytes.len() + 1));
        pieces.push(front);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() })]

    #[test]
    fn tags_are_those_of_one_piece(
        key_len in prop_oneof![Just(1_usize), Just(64), Just(65), Just(128), Just(129), 1_usize..300],
        len in prop_oneof![Just(0_usize), Just(64), Just(128), Just(256), 0_usize..2000],
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let key = Secret::random(key_len).unwrap();
        let message = message(len);
        let pieces = split(&message, &places);
        for hash in HASHES {
            let tag = tag_of(&key, hash, &message);
            prop_assert_eq!(&fed(&key, hash, &pieces).finish().unwrap(), &tag);
            prop_assert!(fed(&key, hash, &pieces).verify(&tag).unwrap());
            prop_assert!(!fed(&key, hash, &pieces).verify(&tag[1..]).unwrap());
            let mut other = tag.clone();
            other[0] ^= 1;
            prop_assert!(!fed(&key, hash, &pieces).verify(&other).unwrap());
        }
    }

    #[test]
    fn messages_are_those_of_one_piece(
        aead in prop::sample::select(&AEADS[..]),
        len in prop_oneof![Just(0_usize), 0_usize..3 * SEGMENT],
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let message = message(len);
        let pieces = split(&message, &places);
        let sealed = sealed_in(key().seal_stream(aead, DATA).unwrap(), &pieces);
        prop_assert!(open(aead, &sealed) == (message.clone(), None));
        let pieces = split(&sealed, &places);
        prop_assert!(opened_in(key().open_stream(aead, DATA).unwrap(), &pieces) == (message, None));
    }
}

#[test]
fn a_stream_ends_with_its_key() {
    let ended = |end: &dyn Fn(&Secret), error: Error| {
        for hash in HASHES {
            let (key, message) = (key(), message(1000));
            let begun = || fed(&key, hash, &[&message]);
            let (mut updated, finished, verified) = (begun(), begun(), begun());
            end(&key);
            assert_eq!(updated.update(b"").err(), Some(error));
            assert_eq!(updated.finish().err(), Some(error));
            assert_eq!(finished.finish().err(), Some(error));
            assert_eq!(verified.verify(&[0; 32]).err(), Some(error));
        }
        for aead in AEADS {
            let (sealed, key) = (seal(aead, b"message"), key());
            let sealing = || key.seal_stream(aead, DATA).unwrap();
            let opening = || {
                let mut stream = key.open_stream(aead, DATA).unwrap();
                assert!(stream.update(&sealed).unwrap().is_empty());
                stream
            };
            let (mut seals, sealed_last) = (sealing(), sealing());
            let (mut opens, opened_last) = (opening(), opening());
            end(&key);
            assert_eq!(seals.update(b"").err(), Some(error));
            assert_eq!(seals.finish().err(), Some(error));
            assert_eq!(sealed_last.finish().err(), Some(error));
            assert_eq!(opens.update(b"").err(), Some(error));
            assert_eq!(opens.finish().err(), Some(error));
            assert_eq!(opened_last.finish().err(), Some(error));
        }
    };
    ended(&|key| assert_eq!(key.close(), CloseOutcome::Wiped), Error::Closed);
    ended(&|key| key.replace(&mut [1; 32]).unwrap(), Error::Replaced);
}

#[test]
fn what_no_stream_takes_is_named() {
    let closed = key();
    closed.close();
    assert_eq!(closed.hmac_stream(Hmac::Sha256).err(), Some(Error::Closed));
    for aead in AEADS {
        assert_eq!(closed.seal_stream(aead, b"").err(), Some(Error::Closed));
        assert_eq!(closed.open_stream(aead, b"").err(), Some(Error::Closed));
        for len in [1, 16, 31, 33] {
            let key = Secret::random(len).unwrap();
            let error = Error::WrongSize { what: "key length in bytes", given: len, needed: "32" };
            assert_eq!(key.seal_stream(aead, b"").err(), Some(error));
            assert_eq!(key.open_stream(aead, b"").err(), Some(error));
        }
        let longest = vec![0; (64 << 10) + 1];
        let error = Error::TooLarge { len: longest.len(), max: 64 << 10 };
        assert_eq!(key().seal_stream(aead, &longest).err(), Some(error));
        assert_eq!(key().open_stream(aead, &longest).err(), Some(error));
        assert!(key().open_stream(aead, &longest[1..]).is_ok());
    }
}

/// Gives, or takes, so many bytes at a time, and then what it was told.
struct Bounded<T>(T, usize);

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(self.1);
        self.0.read(&mut out[..len])
    }
}

impl Write for Bounded<Vec<u8>> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() >= self.1 {
            return Err(ErrorKind::StorageFull.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_written_is_what_is_read() {
    for aead in AEADS {
        for len in edges(aead) {
            let message = message(len);
            let mut writer = key().seal_writer(aead, DATA, Vec::new()).unwrap();
            writer.write_all(&message).unwrap();
            let sealed = writer.finish().unwrap();
            for at_once in [usize::MAX, 1000] {
                let mut opened = Vec::new();
                let source = Bounded(&sealed[..], at_once);
                let mut reader = key().open_reader(aead, DATA, source).unwrap();
                reader.read_to_end(&mut opened).unwrap();
                assert!(opened == message, "{aead:?}, {len}");
                assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the end stays the end");
            }
            let mut cut = key().open_reader(aead, DATA, &sealed[..sealed.len() - 1]).unwrap();
            for _ in 0..2 {
                let error = cut.read_to_end(&mut Vec::new()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidData);
            }
        }
    }
}

#[test]
fn what_could_not_be_written_is_no_stream() {
    let target = Bounded(Vec::new(), SEGMENT);
    let mut writer = key().seal_writer(Aead::Aes256Gcm, DATA, target).unwrap();
    assert_eq!(writer.write_all(&message(4 * SEGMENT)).unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(writer.write(b"more").unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(writer.finish().map(|_| ()).unwrap_err().kind(), ErrorKind::Other);
}

#[cfg(target_os = "linux")]
mod large {
    use std::hint;

    use procfs::process::Process;
    use strongroom_tests::linux::{child, limit};

    use super::*;

    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;

    /// Bytes of the message: a gigabyte, where that doesn't take minutes.
    const LEN: u64 = if cfg!(debug_assertions) { 4 * MIB } else { 1024 * MIB };

    /// The most ordinary memory, in bytes, that this process has had so far.
    fn peak() -> u64 {
        let status = Process::myself().and_then(|this| this.status()).expect("/proc is there");
        status.vmhwm.expect("Linux says so") * KIB
    }

    /// A message that nobody has in memory.
    struct Long(u64);

    impl Read for Long {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = out.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
            out[..len].fill(7);
            self.0 -= len as u64;
            Ok(len)
        }
    }

    /// Opens what is written to it, and sums it up.
    struct Opens(Option<OpenStream>, HmacStream);

    impl Write for Opens {
        fn write(&mut self, sealed: &[u8]) -> io::Result<usize> {
            let stream = self.0.as_mut().expect("it isn't finished");
            self.1.update(&stream.update(sealed)?)?;
            Ok(sealed.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_gigabyte_takes_no_more_memory_than_a_segment() {
        child::run("a long message", || {
            limit::locking(64 * KIB);
            let key = key();
            let before = peak();
            let mut tag = key.hmac_stream(Hmac::Sha256).unwrap();
            io::copy(&mut Long(LEN), &mut tag).unwrap();
            let tag = tag.finish().unwrap();
            for aead in [Aead::ChaCha20Poly1305, Aead::Aes256Gcm] {
                let opening = key.open_stream(aead, DATA).unwrap();
                let opens = Opens(Some(opening), key.hmac_stream(Hmac::Sha256).unwrap());
                let mut writer = key.seal_writer(aead, DATA, opens).unwrap();
                io::copy(&mut Long(LEN), &mut writer).unwrap();
                let Opens(opening, mut opened_tag) = writer.finish().unwrap();
                opened_tag.update(&opening.unwrap().finish().unwrap()).unwrap();
                assert_eq!(opened_tag.finish().unwrap(), tag);
            }
            assert!(peak() - before < 2 * MIB, "{} bytes more", peak() - before);
            // The control: a message that is there in one piece shows.
            let whole = vec![7; 16 << 20];
            assert_eq!(hint::black_box(&whole).len(), 16 << 20);
            assert!(peak() - before > 8 * MIB);
        })
        .finishes();
    }
}
