namespace DiffusionLsp.Server.Context;

/// <summary>Files that hold secrets more often than code, as lines of an ignore file. A table and nothing else.</summary>
internal static class SecretPatterns
{
    public static IReadOnlyList<string> All { get; } =
    [
        // environments
        ".env", ".env.*", "*.env", ".envrc", ".dev.vars", "!.env.example", "!.env.sample", "!.env.template",
        // keys and certificates
        "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.truststore", "*.ppk", "*.gpg", "*.kdbx",
        "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "!*.pub",
        // credentials of tools
        ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd", ".git-credentials", ".dockercfg",
        "credentials", "credentials.json", "secrets.json", "secrets.toml", "secrets.yml", "secrets.yaml", "*.secret", "*.secrets",
        "*.tfvars", "*.tfstate", "*.tfstate.*",
        // folders of tools
        ".ssh/", ".gnupg/", ".aws/", ".azure/", ".gcp/", ".kube/", ".docker/", ".git/",
    ];
}
