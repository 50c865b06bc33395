import { createApp, reactive, watchEffect } from 'vue';

const answers = reactive({ name: '', email: '', about: '', country: '', size: '', born: '', news: false, code: '' });

watchEffect(() => {
  window.answers = { ...answers };
});

createApp({ setup: () => answers }).mount('#root');
