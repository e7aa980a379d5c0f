namespace DiffusionLsp.Server.Context;

/// <summary>Files that usually hold secrets, as lines of an ignore file. Only a table.</summary>
internal static class SecretPatterns
{
    public static IReadOnlyList<string> All { get; } =
    [
        // environments
        ".env", ".env.*", "*.env", ".envrc", ".dev.vars", "!.env.example", "!.env.sample", "!.env.template",
        // keys and certificates
        "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.truststore", "*.ppk", "*.gpg", "*.kdbx",
        "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "!*.pub",
        // tools' credentials
        ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd", ".git-credentials", ".dockercfg",
        "credentials", "credentials.json", "secrets.json", "secrets.toml", "secrets.yml", "secrets.yaml", "*.secret", "*.secrets",
        "*.tfvars", "*.tfstate", "*.tfstate.*",
        // tools' folders
        ".ssh/", ".gnupg/", ".aws/", ".azure/", ".gcp/", ".kube/", ".docker/", ".git/",
    ];
}
