export function label(user: User): string {
  const first = user.first.trim();
  const last = user.last.trim();
  return `${first} ${last}`;
}
