"""Campaign files and settings: TOML and .env in, Campaign and Settings out."""
