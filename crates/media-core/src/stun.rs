//! The little that is read of STUN (RFC 8489) before a datagram is given to a peer connection: whom a binding request is for.

/// First word of every STUN message's body (section 5).
const MAGIC_COOKIE: [u8; 4] = 0x2112_a442_u32.to_be_bytes();
/// Bytes before the attributes (section 5).
const HEADER_BYTES: usize = 20;
/// The attribute with the name (section 14.3).
const USERNAME: [u8; 2] = 0x0006_u16.to_be_bytes();
/// The first two bytes of a binding request (sections 5 and 18.1).
const BINDING_REQUEST: [u8; 2] = 0x0001_u16.to_be_bytes();
/// The first two bytes of the answer to a binding request that was found good (sections 5 and 18.1).
const BINDING_SUCCESS: [u8; 2] = 0x0101_u16.to_be_bytes();

/// Whether this is a STUN message (RFC 7983 tells it from DTLS and RTP by the first byte).
pub fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER_BYTES && datagram[0] < 4 && datagram[4..8] == MAGIC_COOKIE
}

/// Whether this is a binding request.
pub fn is_binding_request(datagram: &[u8]) -> bool {
    is_stun(datagram) && datagram.starts_with(&BINDING_REQUEST)
}

/// Whether this is the answer to a binding request whose sender proved to know the password.
pub fn is_binding_success(datagram: &[u8]) -> bool {
    is_stun(datagram) && datagram.starts_with(&BINDING_SUCCESS)
}

/// The name in a STUN message: of an ICE check, `<receiver's fragment>:<sender's fragment>` (RFC 8445, section 7.2.2).
pub fn username(datagram: &[u8]) -> Option<&[u8]> {
    if !is_stun(datagram) {
        return None;
    }
    let mut attributes = &datagram[HEADER_BYTES..];
    while let Some((header, rest)) = attributes.split_at_checked(4) {
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let (value, _) = rest.split_at_checked(length)?;
        if header.starts_with(&USERNAME) {
            return Some(value);
        }
        // Attributes begin at multiples of four bytes (section 14).
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A binding request with `name` and an attribute before it.
    pub(crate) fn binding_request(name: &[u8]) -> Vec<u8> {
        let mut datagram = vec![0, 1, 0, 0];
        datagram.extend(MAGIC_COOKIE);
        datagram.extend([7; 12]);
        datagram.extend([0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]);
        datagram.extend(USERNAME);
        datagram.extend(u16::try_from(name.len()).expect("short").to_be_bytes());
        datagram.extend(name);
        datagram
    }

    #[test]
    fn the_name_is_found_behind_other_attributes() {
        assert_eq!(username(&binding_request(b"server:client")), Some(&b"server:client"[..]));
    }

    #[test]
    fn media_have_no_name() {
        assert_eq!(username(&[0x80; 100]), None);
    }

    #[test]
    fn a_message_cut_short_at_any_point_does_no_harm() {
        let datagram = binding_request(b"server:client");
        for length in 0..datagram.len() {
            assert_eq!(username(&datagram[..length]), None);
        }
    }

    #[test]
    fn only_a_good_answer_is_a_success() {
        let mut datagram = binding_request(b"x");
        assert!(!is_binding_success(&datagram));
        datagram[..2].copy_from_slice(&BINDING_SUCCESS);
        assert!(is_binding_success(&datagram));
    }
}
