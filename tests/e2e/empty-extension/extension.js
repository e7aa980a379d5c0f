// Shows that it is active, and does nothing else.
const { window } = require('vscode');

exports.activate = context => {
  const item = window.createStatusBarItem('empty');
  item.text = 'Empty';
  item.show();
  context.subscriptions.push(item);
};
