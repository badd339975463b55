//! F: was the agent container created, pulled, started and finished?

pub mod agent_image_pull_failed;
