const strongroom = require("strongroom");
const { use } = require("./use.cjs");

console.log(use(strongroom));
