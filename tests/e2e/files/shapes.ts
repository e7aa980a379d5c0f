export class Box {
  private width: number;
  private height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height =
  }
}
