//! The operations by handle against the published vectors of their algorithms.

use hex_literal::hex;
use strongroom::{Aead, Argon2Cost, Secret, verify_ed25519};

fn secret(bytes: &[u8]) -> Secret {
    Secret::try_from(bytes.to_vec()).expect("there is memory for a small secret")
}

fn assert_holds(secret: &Secret, bytes: &[u8]) {
    secret.with_bytes(|held| assert_eq!(held, bytes)).expect("the secret is open");
}

#[test]
fn hmac_rfc_4231() {
    let check = |key: &[u8], message: &[u8], tag_256: &[u8], tag_512: &[u8]| {
        let key = secret(key);
        let sha256 = key.hmac_sha256(message).unwrap();
        let sha512 = key.hmac_sha512(message).unwrap();
        // Test case 5 has its tags cut to 128 bits.
        assert_eq!(&sha256[..tag_256.len()], tag_256);
        assert_eq!(&sha512[..tag_512.len()], tag_512);
        assert!(key.verify_hmac_sha256(message, &sha256).unwrap());
        assert!(key.verify_hmac_sha512(message, &sha512).unwrap());
    };
    check(
        &[0x0b; 20],
        b"Hi There",
        &hex!("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        &hex!(
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
        ),
    );
    check(
        b"Jefe",
        b"what do ya want for nothing?",
        &hex!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        &hex!(
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
    );
    check(
        &[0xaa; 20],
        &[0xdd; 50],
        &hex!("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        &hex!(
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
            "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"
        ),
    );
    check(
        &hex!("0102030405060708090a0b0c0d0e0f10111213141516171819"),
        &[0xcd; 50],
        &hex!("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        &hex!(
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
            "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"
        ),
    );
    check(
        &[0x0c; 20],
        b"Test With Truncation",
        &hex!("a3b6167473100ee06e0c796c2955552b"),
        &hex!("415fad6271580a531d4179bc891d87a6"),
    );
    check(
        &[0xaa; 131],
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        &hex!("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        &hex!(
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
            "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        ),
    );
    check(
        &[0xaa; 131],
        b"This is a test using a larger than block-size key and a larger than block-size data. \
          The key needs to be hashed before being used by the HMAC algorithm.",
        &hex!("9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        &hex!(
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
            "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"
        ),
    );
}

#[test]
fn hkdf_sha256_rfc_5869() {
    let check = |ikm: &[u8], salt: &[u8], info: &[u8], okm: &[u8]| {
        assert_holds(&secret(ikm).hkdf_sha256(salt, info, okm.len()).unwrap(), okm);
    };
    check(
        &[0x0b; 22],
        &hex!("000102030405060708090a0b0c"),
        &hex!("f0f1f2f3f4f5f6f7f8f9"),
        &hex!(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865"
        ),
    );
    let range = |first: u8| -> Vec<u8> { (first..).take(80).collect() };
    check(
        &range(0x00),
        &range(0x60),
        &(0xb0..=0xff).collect::<Vec<u8>>(),
        &hex!(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
            "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
            "cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
    );
    check(
        &[0x0b; 22],
        b"",
        b"",
        &hex!(
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8"
        ),
    );
}

#[test]
fn argon2id_rfc_9106() {
    let password = secret(&[0x01; 32]);
    let key = secret(&[0x03; 8]);
    let cost = Argon2Cost { memory_kib: 32, passes: 3, lanes: 4 };
    let tag = password.argon2id_keyed(&key, &[0x02; 16], &[0x04; 12], cost, 32).unwrap();
    assert_holds(&tag, &hex!("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
}

/// Of the reference implementation, `test.c`: no key, no associated data.
#[test]
fn argon2id_reference_implementation() {
    let cost = Argon2Cost { memory_kib: 256, passes: 2, lanes: 1 };
    let tag = secret(b"password").argon2id(b"somesalt", cost, 32).unwrap();
    assert_holds(&tag, &hex!("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"));
}

/// Seals and opens with the nonce, and opens and unwraps what has it in front.
fn check_aead(
    aead: Aead,
    key: &[u8],
    nonce: &[u8],
    associated_data: &[u8],
    plaintext: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) {
    let key = secret(key);
    let expected = [ciphertext, tag].concat();
    let sealed = key.seal_aead_with_nonce(aead, nonce, plaintext, associated_data).unwrap();
    assert_eq!(sealed, expected);
    let opened = key.open_aead_with_nonce(aead, nonce, &sealed, associated_data).unwrap();
    assert_eq!(*opened, plaintext);

    let with_nonce = [nonce, &expected].concat();
    assert_eq!(*key.open_aead(aead, &with_nonce, associated_data).unwrap(), plaintext);
    if !plaintext.is_empty() {
        let unwrapped = key.unwrap_aead(aead, &with_nonce, associated_data).unwrap();
        assert_holds(&unwrapped, plaintext);
    }
}

/// From NIST's gcmEncryptExtIV256.rsp: with and without plaintext and associated data.
#[test]
fn aes_256_gcm_nist() {
    check_aead(
        Aead::Aes256Gcm,
        &hex!("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4"),
        &hex!("516c33929df5a3284ff463d7"),
        b"",
        b"",
        b"",
        &hex!("bdc1ac884d332457a1d2664f168c76f0"),
    );
    check_aead(
        Aead::Aes256Gcm,
        &hex!("78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223"),
        &hex!("d79cf22d504cc793c3fb6c8a"),
        &hex!("b96baa8c1c75a671bfb2d08d06be5f36"),
        b"",
        b"",
        &hex!("3e5d486aa2e30b22e040b85723a06e76"),
    );
    check_aead(
        Aead::Aes256Gcm,
        &hex!("31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22"),
        &hex!("0d18e06c7c725ac9e362e1ce"),
        b"",
        &hex!("2db5168e932556f8089a0622981d017d"),
        &hex!("fa4362189661d163fcd6a56d8bf0405a"),
        &hex!("d636ac1bbedd5cc3ee727dc2ab4a9489"),
    );
    check_aead(
        Aead::Aes256Gcm,
        &hex!("24501ad384e473963d476edcfe08205237acfd49b5b8f33857f8114e863fec7f"),
        &hex!("9ff18563b978ec281b3f2794"),
        &hex!("adb5ec720ccf9898500028bf34afccbcaca126ef"),
        &hex!(
            "27f348f9cdc0c5bd5e66b1ccb63ad920ff2219d14e8d631b3872265cf117ee86"
            "757accb158bd9abb3868fdc0d0b074b5f01b2c"
        ),
        &hex!(
            "eb7cb754c824e8d96f7c6d9b76c7d26fb874ffbf1d65c6f64a698d839b0b0614"
            "5dae82057ad55994cf59ad7f67c0fa5e85fab8"
        ),
        &hex!("bc95c532fecc594c36d1550286a7a3f0"),
    );
}

/// What RFC 8439 and the draft of XChaCha20-Poly1305 both encrypt.
const SUNSCREEN: &[u8] =
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one \
    tip for the future, sunscreen would be it.";
const SUNSCREEN_KEY: [u8; 32] =
    hex!("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
const SUNSCREEN_DATA: [u8; 12] = hex!("50515253c0c1c2c3c4c5c6c7");

#[test]
fn chacha20_poly1305_rfc_8439() {
    check_aead(
        Aead::ChaCha20Poly1305,
        &SUNSCREEN_KEY,
        &hex!("070000004041424344454647"),
        &SUNSCREEN_DATA,
        SUNSCREEN,
        &hex!(
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
            "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
            "3ff4def08e4b7a9de576d26586cec64b6116"
        ),
        &hex!("1ae10b594f09e26a7e902ecbd0600691"),
    );
}

#[test]
fn xchacha20_poly1305_draft_03() {
    check_aead(
        Aead::XChaCha20Poly1305,
        &SUNSCREEN_KEY,
        &hex!("404142434445464748494a4b4c4d4e4f5051525354555657"),
        &SUNSCREEN_DATA,
        SUNSCREEN,
        &hex!(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
            "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
            "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
            "21f9664c97637da9768812f615c68b13b52e"
        ),
        &hex!("c0875924c1c7987947deafd8780acf49"),
    );
}

#[test]
fn ed25519_rfc_8032() {
    let check = |seed: &[u8], public_key: &[u8], message: &[u8], signature: &[u8]| {
        let seed = secret(seed);
        assert_eq!(seed.ed25519_public_key().unwrap(), public_key);
        assert_eq!(seed.sign_ed25519(message).unwrap(), signature);
        assert!(verify_ed25519(public_key, message, signature).unwrap());
    };
    check(
        &hex!("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
        &hex!("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        b"",
        &hex!(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    );
    check(
        &hex!("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
        &hex!("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
        &hex!("72"),
        &hex!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    );
    check(
        &hex!("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
        &hex!("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
        &hex!("af82"),
        &hex!(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    );
    check(
        &hex!("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
        &hex!("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"),
        &hex!(
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        &hex!(
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    );
}

/// Sections 4.3, 4.5 and 4.6, which have a key of 256 bits.
#[test]
fn aes_kw_rfc_3394() {
    let key = secret(&hex!("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    let check = |bytes: &[u8], wrapped: &[u8]| {
        assert_eq!(key.wrap_aes_kw(&secret(bytes)).unwrap(), wrapped);
        assert_holds(&key.unwrap_aes_kw(wrapped).unwrap(), bytes);
    };
    check(
        &hex!("00112233445566778899aabbccddeeff"),
        &hex!("64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"),
    );
    check(
        &hex!("00112233445566778899aabbccddeeff0001020304050607"),
        &hex!("a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"),
    );
    check(
        &hex!("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"),
        &hex!(
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43b"
            "fb988b9b7a02dd21"
        ),
    );
}
