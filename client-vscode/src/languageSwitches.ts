// The setting `languages`: a map from language identifier to on or off, with "*" for all others except prose, which is off unless
// named. Pure.

export type LanguageSwitches = Readonly<Record<string, boolean>>;

const prose = ['markdown', 'plaintext'];

export function isOn(switches: LanguageSwitches, language: string): boolean {
  return switches[language] ?? (!prose.includes(language) && (switches['*'] ?? true));
}

/** The map with one language on or off. An entry that only repeats the default is removed; undefined: the map is empty. */
export function switched(
  switches: LanguageSwitches | undefined,
  language: string,
  on: boolean,
): LanguageSwitches | undefined {
  const others = Object.entries(switches ?? {}).filter(([name]) => name !== language);
  const rest = Object.fromEntries(others);
  if (isOn(rest, language) !== on) return { ...rest, [language]: on };
  return others.length > 0 ? rest : undefined;
}
