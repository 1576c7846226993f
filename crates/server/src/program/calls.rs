//! What the program runs where it carries calls itself.

use std::sync::Arc;

use app::Ctx;
use axum::Router;
use media::MediaService;
use ports::{content::RatingStore, presence::Presence};
use url::Url;
use video::{VideoService, files::Files};

use super::{background, company::Company, desk, files, provider::Embedded};
use crate::{
    channel::Hub,
    desk::Changes,
    observability::{self, Source},
    workers::Workers,
};

/// The parts that carry calls; none where another provider does.
#[derive(Default)]
pub struct Calls {
    pub video: Option<Arc<VideoService>>,
    pub files: Option<Arc<Files>>,
    pub media: Option<MediaService>,
    pub channel: Option<Hub>,
    /// Who is where.
    pub presence: Option<Arc<dyn Presence>>,
    /// What the connections were like.
    pub ratings: Option<Arc<dyn RatingStore>>,
    /// The API of the company.
    pub company: Router,
    pub figures: Vec<Source>,
}

impl Calls {
    /// Starts what works on its own in them.
    pub fn start(
        (embedded, company): (Embedded, Company),
        ctx: &Ctx,
        changes: &Changes,
        public_url: &Url,
        workers: &mut Workers,
    ) -> Self {
        let Embedded { video, files, media, sessions, channel, events } = embedded;
        let figures = vec![
            observability::sessions(sessions.figures()),
            observability::media(media.clone()),
            observability::channel(channel.figures().clone()),
            observability::files(files.figures().clone()),
        ];
        let swept = Arc::clone(&files);
        workers.start("removes files", |stop| files::sweep(swept, stop));
        let (attendance, presence) = desk::watch(workers, ctx, changes, &channel);
        let drive = |stop| background::drive_sessions(sessions, events, attendance, stop);
        workers.start("counts and ends sessions", drive);
        let ratings = company.content() as Arc<dyn RatingStore>;
        let company = company.start((&video, &files), public_url, ctx.chance.clone(), workers);
        Self {
            video: Some(video),
            files: Some(files),
            media: Some(media),
            channel: Some(channel),
            presence: Some(presence),
            ratings: Some(ratings),
            company,
            figures,
        }
    }
}
