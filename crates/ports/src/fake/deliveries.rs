//! [`DeliveryStore`] in memory.

use async_trait::async_trait;
use jiff::Timestamp;

use super::rooms::{FakeRooms, State};
use crate::{
    company::WebhookId,
    deliveries::{Delivery, DeliveryStore, Notice},
    rooms::CompanyId,
    teleconsultations::StoreError,
};

/// A delivery and when it is due.
#[derive(Debug)]
pub(super) struct DeliveryRecord {
    company: CompanyId,
    webhook: WebhookId,
    notice: Notice,
    attempts: u32,
    due: Timestamp,
}

impl State {
    /// Writes a delivery for each webhook that wants to know.
    pub(super) fn announce(&mut self, company: &CompanyId, notice: &Notice) {
        let Some(record) = self.companies.get(company) else { return };
        let event = notice.what.event();
        for webhook in record.webhooks.iter().filter(|webhook| webhook.event == event) {
            let number = self.deliveries.last_key_value().map_or(1, |(last, _)| last + 1);
            let (company, webhook, notice) = (company.clone(), webhook.id.clone(), notice.clone());
            let delivery = DeliveryRecord { company, webhook, notice, attempts: 0, due: Timestamp::UNIX_EPOCH };
            self.deliveries.insert(number, delivery);
        }
    }

    pub(super) fn forget_deliveries_of_removed_webhooks(&mut self) {
        let companies = &self.companies;
        self.deliveries.retain(|_, delivery| {
            let webhooks = companies.get(&delivery.company).map(|record| &record.webhooks);
            webhooks.is_some_and(|webhooks| webhooks.iter().any(|webhook| webhook.id == delivery.webhook))
        });
    }
}

#[async_trait]
impl DeliveryStore for FakeRooms {
    async fn announce(&self, company: &CompanyId, notice: &Notice) -> Result<(), StoreError> {
        self.reach("announcing")?.announce(company, notice);
        Ok(())
    }

    async fn take_deliveries(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let mut state = self.reach("taking deliveries")?;
        let is_first = |number: &u64, record: &DeliveryRecord| {
            let mut earlier = state.deliveries.range(..number);
            !earlier.any(|(_, other)| other.webhook == record.webhook && other.notice.room == record.notice.room)
        };
        let due = state.deliveries.iter().filter(|(number, record)| record.due <= now && is_first(number, record));
        let numbers: Vec<_> = due.map(|(number, _)| *number).take(limit as usize).collect();
        let State { deliveries, companies, .. } = &mut *state;
        let taken = numbers.into_iter().filter_map(|number| {
            let record = deliveries.get_mut(&number)?;
            (record.due, record.notice.at) = (until, record.notice.at.or(Some(now)));
            let webhooks = &companies.get(&record.company)?.webhooks;
            Some(Delivery {
                number,
                company: record.company.clone(),
                webhook: webhooks.iter().find(|webhook| webhook.id == record.webhook)?.clone(),
                attempts: record.attempts,
                notice: record.notice.clone(),
            })
        });
        Ok(taken.collect())
    }

    async fn postpone_delivery(&self, number: u64, due: Timestamp) -> Result<(), StoreError> {
        let mut state = self.reach("postponing a delivery")?;
        if let Some(record) = state.deliveries.get_mut(&number) {
            (record.attempts, record.due) = (record.attempts.saturating_add(1), due);
        }
        Ok(())
    }

    async fn settle_delivery(&self, number: u64) -> Result<(), StoreError> {
        self.reach("settling a delivery")?.deliveries.remove(&number);
        Ok(())
    }
}
