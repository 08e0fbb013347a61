//! What keys of each kind can be used for, and with which algorithms.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>

use super::terms::{EncryptionAlgorithm, GrantOperation, KeySpec, KeyUsage, MacAlgorithm, SigningAlgorithm};

const RSA_SIGNING: &[SigningAlgorithm] = &[
    SigningAlgorithm::RsassaPkcs1Sha256,
    SigningAlgorithm::RsassaPkcs1Sha384,
    SigningAlgorithm::RsassaPkcs1Sha512,
    SigningAlgorithm::RsassaPssSha256,
    SigningAlgorithm::RsassaPssSha384,
    SigningAlgorithm::RsassaPssSha512,
];

impl KeySpec {
    /// Whether the key is one secret, which never leaves KMS.
    pub(crate) fn is_symmetric_encryption(self) -> bool {
        self == KeySpec::SymmetricDefault
    }

    /// Whether the key has a public half.
    pub(crate) fn is_asymmetric(self) -> bool {
        !self.is_symmetric_encryption() && self.mac_algorithm().is_none()
    }

    /// What a key of this kind can be for.
    pub(crate) fn usages(self) -> &'static [KeyUsage] {
        use KeySpec as S;
        match self {
            S::SymmetricDefault => &[KeyUsage::EncryptDecrypt],
            S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify],
            S::EccNistP256 | S::EccNistP384 | S::EccNistP521 => {
                &[KeyUsage::SignVerify, KeyUsage::KeyAgreement]
            }
            S::EccSecgP256K1 | S::EccNistEdwards25519 | S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => {
                &[KeyUsage::SignVerify]
            }
            S::Hmac224 | S::Hmac256 | S::Hmac384 | S::Hmac512 => &[KeyUsage::GenerateVerifyMac],
            S::Sm2 => &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify, KeyUsage::KeyAgreement],
        }
    }

    /// `EncryptionAlgorithms` of a key for encryption.
    pub(crate) fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        match self {
            KeySpec::SymmetricDefault => &[EncryptionAlgorithm::SymmetricDefault],
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => {
                &[EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256]
            }
            KeySpec::Sm2 => &[EncryptionAlgorithm::Sm2Pke],
            _ => &[],
        }
    }

    /// `SigningAlgorithms` of a key for signatures.
    pub(crate) fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        use KeySpec as S;
        match self {
            S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => RSA_SIGNING,
            S::EccNistP256 | S::EccSecgP256K1 => &[SigningAlgorithm::EcdsaSha256],
            S::EccNistP384 => &[SigningAlgorithm::EcdsaSha384],
            S::EccNistP521 => &[SigningAlgorithm::EcdsaSha512],
            S::EccNistEdwards25519 => &[SigningAlgorithm::Ed25519Sha512, SigningAlgorithm::Ed25519PhSha512],
            S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => &[SigningAlgorithm::MlDsaShake256],
            S::Sm2 => &[SigningAlgorithm::Sm2Dsa],
            S::SymmetricDefault | S::Hmac224 | S::Hmac256 | S::Hmac384 | S::Hmac512 => &[],
        }
    }

    /// `MacAlgorithms`: one, of an HMAC key.
    pub(crate) fn mac_algorithm(self) -> Option<MacAlgorithm> {
        match self {
            KeySpec::Hmac224 => Some(MacAlgorithm::HmacSha224),
            KeySpec::Hmac256 => Some(MacAlgorithm::HmacSha256),
            KeySpec::Hmac384 => Some(MacAlgorithm::HmacSha384),
            KeySpec::Hmac512 => Some(MacAlgorithm::HmacSha512),
            _ => None,
        }
    }

    /// Length of the modulus in bytes, of an RSA key.
    pub(crate) fn modulus_bytes(self) -> Option<usize> {
        match self {
            KeySpec::Rsa2048 => Some(256),
            KeySpec::Rsa3072 => Some(384),
            KeySpec::Rsa4096 => Some(512),
            _ => None,
        }
    }

    /// The most bytes that a key of this kind encrypts at once.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
    pub(crate) fn longest_plaintext(self, algorithm: EncryptionAlgorithm) -> usize {
        match (self.modulus_bytes(), algorithm) {
            (Some(modulus), EncryptionAlgorithm::RsaesOaepSha1) => modulus - 2 - 2 * 20,
            (Some(modulus), EncryptionAlgorithm::RsaesOaepSha256) => modulus - 2 - 2 * 32,
            (None, EncryptionAlgorithm::Sm2Pke) => 1024,
            _ => 4096,
        }
    }
}

impl MacAlgorithm {
    /// Length of a key of this algorithm that KMS makes, and of its codes.
    pub(crate) fn bytes(self) -> usize {
        match self {
            MacAlgorithm::HmacSha224 => 28,
            MacAlgorithm::HmacSha256 => 32,
            MacAlgorithm::HmacSha384 => 48,
            MacAlgorithm::HmacSha512 => 64,
        }
    }
}

impl GrantOperation {
    /// Whether a grant on such a key can allow the operation.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations>
    pub(crate) fn fits(self, spec: KeySpec, usage: KeyUsage) -> bool {
        use GrantOperation as O;
        match self {
            O::CreateGrant | O::RetireGrant | O::DescribeKey => true,
            O::Encrypt | O::Decrypt | O::ReEncryptFrom | O::ReEncryptTo => usage == KeyUsage::EncryptDecrypt,
            O::GenerateDataKey
            | O::GenerateDataKeyWithoutPlaintext
            | O::GenerateDataKeyPair
            | O::GenerateDataKeyPairWithoutPlaintext => spec.is_symmetric_encryption(),
            O::Sign | O::Verify => usage == KeyUsage::SignVerify,
            O::GetPublicKey => spec.is_asymmetric(),
            O::GenerateMac | O::VerifyMac => usage == KeyUsage::GenerateVerifyMac,
            O::DeriveSharedSecret => usage == KeyUsage::KeyAgreement,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_limits_are_those_of_the_padding() {
        let limit = |spec: &str, algorithm: &str| {
            let spec = KeySpec::parse(spec).unwrap();
            spec.longest_plaintext(EncryptionAlgorithm::parse(algorithm).unwrap())
        };
        assert_eq!(limit("RSA_2048", "RSAES_OAEP_SHA_1"), 214);
        assert_eq!(limit("RSA_2048", "RSAES_OAEP_SHA_256"), 190);
        assert_eq!(limit("RSA_3072", "RSAES_OAEP_SHA_256"), 318);
        assert_eq!(limit("RSA_4096", "RSAES_OAEP_SHA_1"), 470);
        assert_eq!(limit("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"), 4096);
    }
}
