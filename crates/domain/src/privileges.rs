//! Which groups have which role, and which tools a role has.

use crate::{GroupName, Role, Tools};

/// The groups of one role and what its people may use in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePrivileges {
    /// People in any of these groups have the role.
    pub groups: Vec<GroupName>,
    /// What the role may use.
    pub tools: Tools,
}

/// The configuration's `privileges` (contract §8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privileges {
    /// Those who take part.
    pub basic: RolePrivileges,
    /// Those who organise and take part.
    pub plus: RolePrivileges,
}

impl Privileges {
    /// The role of someone in `groups`: the highest that any of them gives, or `None` if none of them is configured
    /// (contract §4.1).
    pub fn role_of(&self, groups: &[GroupName]) -> Option<Role> {
        let any_in = |privileges: &RolePrivileges| groups.iter().any(|group| privileges.groups.contains(group));
        if any_in(&self.plus) {
            Some(Role::Plus)
        } else if any_in(&self.basic) {
            Some(Role::Basic)
        } else {
            None
        }
    }

    /// What people of `role` may use.
    pub fn tools_of(&self, role: Role) -> &Tools {
        match role {
            Role::Basic => &self.basic.tools,
            Role::Plus => &self.plus.tools,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> GroupName {
        GroupName::parse(name).unwrap()
    }

    fn privileges() -> Privileges {
        Privileges {
            basic: RolePrivileges { groups: vec![group("patient")], tools: Tools::none() },
            plus: RolePrivileges { groups: vec![group("doctor"), group("admin")], tools: Tools::all() },
        }
    }

    #[test]
    fn the_highest_role_of_all_groups_wins_whatever_their_order() {
        assert_eq!(privileges().role_of(&[group("patient"), group("admin")]), Some(Role::Plus));
        assert_eq!(privileges().role_of(&[group("admin"), group("patient")]), Some(Role::Plus));
        assert_eq!(privileges().role_of(&[group("stranger"), group("patient")]), Some(Role::Basic));
    }

    #[test]
    fn people_of_no_configured_group_have_no_role() {
        assert_eq!(privileges().role_of(&[group("Doctor")]), None);
        assert_eq!(privileges().role_of(&[]), None);
    }
}
