//! Starts the server on the PATH, or else the one in the npm package, which Zed installs.
use zed_extension_api::{self as zed, settings::LspSettings, LanguageServerId, Result, Worktree};

const PACKAGE: &str = "diffusion-lsp";

struct DiffusionLsp;

impl zed::Extension for DiffusionLsp {
    fn new() -> Self {
        DiffusionLsp
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<zed::Command> {
        let arguments = vec!["lsp".to_string(), "--stdio".to_string()];
        if let Some(command) = worktree.which(PACKAGE) {
            return Ok(zed::Command { command, args: arguments, env: vec![] });
        }
        let version = zed::npm_package_latest_version(PACKAGE)?;
        if zed::npm_package_installed_version(PACKAGE)?.as_deref() != Some(version.as_str()) {
            zed::set_language_server_installation_status(id, &zed::LanguageServerInstallationStatus::Downloading);
            zed::npm_install_package(PACKAGE, &version)?;
        }
        let launcher = std::env::current_dir().map_err(|error| error.to_string())?.join("node_modules/diffusion-lsp/bin/diffusion-lsp.js");
        let args = std::iter::once(launcher.to_string_lossy().into_owned()).chain(arguments).collect();
        Ok(zed::Command { command: zed::node_binary_path()?, args, env: vec![] })
    }

    fn language_server_initialization_options(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Option<zed::serde_json::Value>> {
        Ok(LspSettings::for_worktree(id.as_ref(), worktree)?.initialization_options)
    }
}

zed::register_extension!(DiffusionLsp);
