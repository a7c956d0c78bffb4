"""The only place in the package with Streamlit and Altair: frame, link, inputs, show, charts."""
